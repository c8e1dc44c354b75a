import { umask } from "node:process";

/** Files that this process makes are for their owner alone, 0600, and folders 0700, wherever they lie. */
export function makeFilesPrivate(): void {
  umask(0o077);
}
