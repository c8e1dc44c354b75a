import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { unallocatedRegion } from "./unallocated-region.ts";

/** Of an open database. */
export function pageSizeOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA page_size").get()?.["page_size"]);
}

const mostPageBytes = 65_536;
const zeros = Buffer.alloc(mostPageBytes);

/**
 * Zeroes the gaps in the pages of a database file, beside the connections that have it open. Nothing reads these
 * bytes, so a write that a crash cuts short does no harm. Only the thread that runs the checkpoints may clean: otherwise
 * a checkpoint could put other cells where the page had its gap.
 */
export class PageCleaner implements Disposable {
  readonly pageSize: number;
  readonly #file: number;
  readonly #page: Buffer;
  #hasWritten = false;

  constructor(file: string, pageSize: number) {
    this.#file = openSync(file, "r+");
    this.pageSize = pageSize;
    this.#page = Buffer.alloc(pageSize);
  }

  /** Of the file alone: more may lie in the log. */
  countPages(): number {
    return Math.floor(fstatSync(this.#file).size / this.pageSize);
  }

  clean(pageNumber: number): void {
    const offset = (pageNumber - 1) * this.pageSize;
    if (readSync(this.#file, this.#page, 0, this.pageSize, offset) < this.pageSize) return;
    const gap = unallocatedRegion(this.#page, pageNumber);
    if (gap === undefined) return;
    const length = gap.end - gap.start;
    if (this.#page.compare(zeros, 0, length, gap.start, gap.end) === 0) return;
    writeSync(this.#file, zeros, 0, length, offset + gap.start);
    this.#hasWritten = true;
  }

  /** Everything that was cleaned is on the disk, also after a power failure. */
  sync(): void {
    if (this.#hasWritten) fdatasyncSync(this.#file);
    this.#hasWritten = false;
  }

  /** Only after the last connection of this process: closing a file drops the locks that SQLite has on it. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
