import { randomFillSync } from "node:crypto";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Enough for what SQLite writes while it deletes. Each checkpoint frees the room again. */
const reserveBytes = 2 ** 21;
/** A disk counts as full until this much is free in addition. Otherwise the next message would fill it again. */
const spareBytes = 2 ** 21;

/**
 * A file that holds disk space while there is some, and is removed when the disk refuses writes, because deleting
 * needs room. Restoring it shows that the disk is well.
 */
export class Reserve {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  release(): void {
    removeIfPossible(this.#file);
  }

  /** Throws the file system's error; ENOSPC also if the disk would soon be full. */
  restore(): void {
    if (this.#bytes() === reserveBytes) return;
    this.release();
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    if (bavail * bsize < reserveBytes + spareBytes)
      throw Object.assign(new Error("no space left for the reserve"), { code: "ENOSPC" });
    try {
      this.#write();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  #write(): void {
    const file = openSync(this.#file, "w", 0o600);
    try {
      // Not zeros, for which some file systems allocate nothing. Writes the spare room too, since statfs doesn't know
      // quotas.
      const bytes = randomFillSync(Buffer.alloc(2 ** 18));
      for (let at = 0; at < reserveBytes + spareBytes; at += bytes.length) writeSync(file, bytes);
      ftruncateSync(file, reserveBytes);
    } finally {
      closeSync(file);
    }
  }

  #bytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }
}

/** Never throws. */
export function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The next write reports the disk's fault.
  }
}
