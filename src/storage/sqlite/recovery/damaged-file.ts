import { closeSync, existsSync, fstatSync, openSync } from "node:fs";

import { bytesAt, readLog, type LogFrames } from "../cleaning/log-frames.ts";

const magic = "SQLite format 3\u0000";
const utf8 = 1;
const leastPageBytes = 512;

/** The pages of a database file and of its write-ahead log, whatever state they are in. */
export class DamagedFile implements Disposable {
  readonly pageSize: number;
  /** What of a page belongs to its tree; the rest is reserved. */
  readonly usableSize: number;
  /** The database's user_version. Undefined when what the file begins with is not what a database of ours begins with. */
  readonly version: number | undefined;
  readonly log: LogFrames;
  readonly #file: number | undefined;
  readonly #logFile: number | undefined;
  readonly #sizeBytes: number;

  constructor(file: string) {
    this.#file = existsSync(file) ? openSync(file, "r") : undefined;
    this.#sizeBytes = sizeOf(this.#file);
    this.#logFile = existsSync(`${file}-wal`) ? openSync(`${file}-wal`, "r") : undefined;
    this.log = readLog(this.#logFile ?? -1, sizeOf(this.#logFile));
    const header = this.#header();
    this.pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    this.usableSize = this.pageSize - header.readUInt8(20);
    const isOurs =
      header.toString("latin1", 0, magic.length) === magic &&
      header.readUInt32BE(56) === utf8 &&
      this.pageSize >= leastPageBytes;
    this.version = isOurs ? header.readUInt32BE(60) : undefined;
  }

  /** SQLite writes whole pages only, and takes the rest of one that was cut for zeros. */
  isCutWithinAPage(): boolean {
    const page = Math.ceil(this.#sizeBytes / this.pageSize);
    return this.#sizeBytes % this.pageSize !== 0 && !this.log.offsets.has(page);
  }

  /** Pages are missing at its end. The header counts what is there without the log. */
  isShorterThanItSays(): boolean {
    const pages = headerOf(this.#file).readUInt32BE(28);
    return pages > Math.ceil(this.#sizeBytes / this.pageSize) && !this.log.offsets.has(pages);
  }

  isTreePage(page: number): boolean {
    const bytes = this.page(page);
    return bytes !== undefined && [0x02, 0x05, 0x0a, 0x0d].includes(bytes.readUInt8(page === 1 ? 100 : 0));
  }

  /** Undefined for what the file does not have. Pages count from 1. */
  page(page: number): Buffer | undefined {
    const offset = this.log.offsets.get(page);
    if (offset !== undefined && this.#logFile !== undefined)
      return bytesAt(this.#logFile, offset, this.pageSize);
    const isThere = page >= 1 && page * this.pageSize <= this.#sizeBytes;
    return isThere && this.#file !== undefined
      ? bytesAt(this.#file, (page - 1) * this.pageSize, this.pageSize)
      : undefined;
  }

  [Symbol.dispose](): void {
    for (const file of [this.#file, this.#logFile]) if (file !== undefined) closeSync(file);
  }

  #header(): Buffer {
    const offset = this.log.offsets.get(1);
    if (offset !== undefined && this.#logFile !== undefined) return bytesAt(this.#logFile, offset, 100);
    return headerOf(this.#file);
  }
}

/** The header of a database file. */
function headerOf(file: number | undefined): Buffer {
  return file === undefined ? Buffer.alloc(100) : bytesAt(file, 0, 100);
}

function sizeOf(file: number | undefined): number {
  return file === undefined ? 0 : fstatSync(file).size;
}
