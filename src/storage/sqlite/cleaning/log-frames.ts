import { readSync } from "node:fs";

/** The readable part of a write-ahead log. Format: https://sqlite.org/fileformat2.html#walformat */
export interface LogFrames {
  readonly pageSize: number;
  /** The offset of each page's newest committed state in the log. */
  readonly offsets: ReadonlyMap<number, number>;
  /** A committed frame lies behind an unreadable one. SQLite ignores it silently. */
  readonly isDamaged: boolean;
}

const headerBytes = 32;
const frameHeaderBytes = 24;
const noFrames: LogFrames = { pageSize: 0, offsets: new Map(), isDamaged: false };

/** Reads an open log of this size. */
export function readLog(file: number, sizeBytes: number): LogFrames {
  if (sizeBytes < headerBytes) return noFrames;
  const header = bytesAt(file, 0, headerBytes);
  const pageSize = header.readUInt32BE(8);
  const frameBytes = frameHeaderBytes + pageSize;
  const sum = new Checksum(header.readUInt32BE(0) % 2 === 1);
  sum.add(header.subarray(0, 24));
  if (!sum.equals(header, 24)) return { ...noFrames, isDamaged: sizeBytes > headerBytes };
  const salts = header.subarray(16, 24);
  const offsets = new Map<number, number>();
  let open: (readonly [page: number, offset: number])[] = [];
  let isWhole = true;
  for (let at = headerBytes; at + frameBytes <= sizeBytes; at += frameBytes) {
    const frame = bytesAt(file, at, frameBytes);
    const isOfThisLog = frame.subarray(8, 16).equals(salts);
    const isCommit = frame.readUInt32BE(4) !== 0;
    sum.add(frame.subarray(0, 8));
    sum.add(frame.subarray(frameHeaderBytes));
    isWhole &&= isOfThisLog && sum.equals(frame, 16);
    // Frames of an older log, and of rolled back transactions, may lie behind the newest.
    if (!isWhole && isOfThisLog && isCommit) return { pageSize, offsets, isDamaged: true };
    open.push([frame.readUInt32BE(0), at + frameHeaderBytes]);
    if (!isWhole || !isCommit) continue;
    for (const [page, offset] of open) offsets.set(page, offset);
    open = [];
  }
  return { pageSize, offsets, isDamaged: false };
}

/** Reads from an open file. Zeros beyond its end. */
export function bytesAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  fillFrom(file, offset, bytes);
  return bytes;
}

/** The same into given bytes. */
export function fillFrom(file: number, offset: number, bytes: Buffer): void {
  let read = 0;
  while (read < bytes.length) {
    const count = readSync(file, bytes, read, bytes.length - read, offset + read);
    if (count === 0) break;
    read += count;
  }
  bytes.fill(0, read);
}

/** Cumulative over the whole log: one wrong frame makes all later ones wrong. */
class Checksum {
  readonly #isBigEndian: boolean;
  #one = 0;
  #two = 0;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  add(bytes: Buffer): void {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      this.#one = (this.#one + words.getUint32(at, !this.#isBigEndian) + this.#two) >>> 0;
      this.#two = (this.#two + words.getUint32(at + 4, !this.#isBigEndian) + this.#one) >>> 0;
    }
  }

  equals(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#one && bytes.readUInt32BE(at + 4) === this.#two;
  }
}
