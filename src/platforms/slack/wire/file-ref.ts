import type { FileRef } from "../../../domain/file-ref.ts";

/** The reference of a file, from its id in a message. Undefined if it doesn't look like an id of Slack. */
export function fileRefOf(installation: string, id: string): FileRef | undefined {
  return /^F[A-Z0-9]{1,40}$/u.test(id) ? { platform: "slack", installation, id } : undefined;
}
