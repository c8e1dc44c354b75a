import { createHash } from "node:crypto";

/** What a reasoning item holds in place of words, where nothing is stored. Only the item that it was made for may hold it. */
export function encryptedThought(id: string): string {
  return `gAAAAA+/${createHash("sha512").update(`thought of ${id}`).digest("base64")}`;
}
