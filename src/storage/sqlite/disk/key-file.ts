import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

const keyBytes = 32;

/** The key in a file that only its owner may read. Created if missing. */
export function readOrMakeKey(file: string): Buffer {
  const key = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (key.length === keyBytes) return key;
  // Missing, or truncated by a crash while it was created. With a short key anybody could sign.
  const made = randomBytes(keyBytes);
  writeKey(file, made);
  return made;
}

export function writeKey(file: string, key: Uint8Array): void {
  // An existing file may be another user's or a link; never write into it.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, key, { mode: 0o600, flag: "wx" });
  renameSync(`${file}.new`, file);
}
