import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { unallocatedRegion } from "./unallocated-region.ts";

/** The page size of an open database. */
export function pageSizeOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA page_size").get()?.["page_size"]);
}

const maxPageBytes = 65_536;
const zeros = Buffer.alloc(maxPageBytes);

/**
 * Zeroes the unallocated region of pages in a database file, while connections have it open. Nothing reads these
 * bytes, so an interrupted write does no harm. Never while another thread or process runs a checkpoint, which could place
 * cells there.
 */
export class PageCleaner implements Disposable {
  readonly pageSize: number;
  readonly #file: number;
  readonly #page: Buffer;
  #hasWritten = false;

  /** `file`: its path, or the descriptor of the open file. */
  constructor(file: string | number, pageSize: number) {
    this.#file = typeof file === "number" ? file : openSync(file, "r+");
    this.pageSize = pageSize;
    this.#page = Buffer.alloc(pageSize);
  }

  get descriptor(): number {
    return this.#file;
  }

  /** In the file alone; the log may hold more. */
  countPages(): number {
    return Math.floor(fstatSync(this.#file).size / this.pageSize);
  }

  clean(pageNumber: number): void {
    const offset = (pageNumber - 1) * this.pageSize;
    if (readSync(this.#file, this.#page, 0, this.pageSize, offset) < this.pageSize) return;
    const region = unallocatedRegion(this.#page, pageNumber);
    if (region === undefined) return;
    const length = region.end - region.start;
    if (this.#page.compare(zeros, 0, length, region.start, region.end) === 0) return;
    writeSync(this.#file, zeros, 0, length, offset + region.start);
    this.#hasWritten = true;
  }

  /** Makes everything cleaned so far survive a power failure. */
  sync(): void {
    if (this.#hasWritten) this.syncAll();
  }

  /** The same for everything that anybody wrote to the file. */
  syncAll(): void {
    fdatasyncSync(this.#file);
    this.#hasWritten = false;
  }

  /** Only after the process's last connection is closed: closing a file drops SQLite's locks on it. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
