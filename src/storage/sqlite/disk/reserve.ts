import { randomFillSync } from "node:crypto";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Enough for what SQLite writes while it deletes: the room comes back with each checkpoint. */
const reserveBytes = 2 ** 21;
/** A disk counts as full until so much is free beside it: otherwise it would be full again at the next message. */
const spareBytes = 2 ** 21;

/**
 * Room on the disk that is held while there is some, and given up when the disk takes no writes: deleting needs it. That
 * it can be had again shows that the disk is well.
 */
export class Reserve {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  release(): void {
    removeIfPossible(this.#file);
  }

  /** Throws what the file system says, ENOSPC also where it would be full soon. */
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
      // Not zeros: some file systems take no room for them. The spare room too, since statfs knows nothing of quotas.
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
    // The next write says what is wrong with the disk.
  }
}
