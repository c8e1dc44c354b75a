import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

const keyBytes = 32;

/** The key in a file that only its owner may read; made where it is missing. */
export function readOrMakeKey(file: string): Buffer {
  const key = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (key.length === keyBytes) return key;
  // Missing, or cut short by a crash while it was made: with a short key anybody could sign.
  const made = randomBytes(keyBytes);
  writeKey(file, made);
  return made;
}

export function writeKey(file: string, key: Uint8Array): void {
  // What lies there may be another's, or lead elsewhere: neither is written to.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, key, { mode: 0o600, flag: "wx" });
  renameSync(`${file}.new`, file);
}
