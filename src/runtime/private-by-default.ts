import { umask } from "node:process";

/** Creates all files of this process with mode 0600, and folders with 0700. */
export function makeFilesPrivate(): void {
  umask(0o077);
}
