import type { SQLInputValue } from "node:sqlite";

import type { DamagedFile } from "./damaged-file.ts";

/** What one row holds, in the order in which it is stored: integers as bigint, for a number would be a REAL. */
export interface StoredRow {
  /** Missing in a table without rowids. */
  readonly rowid?: bigint;
  readonly values: readonly SQLInputValue[];
}

const fileHeaderBytes = 100;
/** As SQLite has it. */
const longestRowBytes = 1_000_000_000;
const kinds = { interiorIndex: 0x02, interiorTable: 0x05, leafIndex: 0x0a, leafTable: 0x0d } as const;

/**
 * Every row that can be read of a table, by the page that its tree begins with; `lose` is called for every page and
 * every row that can't. The format: https://sqlite.org/fileformat2.html#b_tree_pages
 */
export function* rowsIn(file: DamagedFile, root: number, lose: () => void): Generator<StoredRow> {
  const seen = new Set<number>();
  const pages = [root];
  let hasRowids: boolean | undefined;
  for (let page = pages.pop(); page !== undefined; page = pages.pop()) {
    const bytes = seen.has(page) ? undefined : file.page(page);
    seen.add(page);
    const tree = bytes && treePage(bytes, page === 1 ? fileHeaderBytes : 0);
    hasRowids ??= tree?.hasRowids;
    if (tree === undefined || tree.hasRowids !== hasRowids) lose();
    else {
      pages.push(...tree.children.toReversed());
      for (const cell of tree.cells) {
        const row = attempt(() => rowAt(file, tree, cell));
        if (row === undefined) lose();
        else yield row;
      }
    }
  }
}

interface TreePage {
  readonly bytes: Buffer;
  readonly hasRowids: boolean;
  /** Where the rows of this page begin. The inner pages of a table with rowids have none. */
  readonly cells: readonly number[];
  readonly children: readonly number[];
}

function treePage(bytes: Buffer, start: number): TreePage | undefined {
  return attempt(() => {
    const kind = bytes.readUInt8(start);
    const isInterior = kind === kinds.interiorIndex || kind === kinds.interiorTable;
    if (!isInterior && kind !== kinds.leafIndex && kind !== kinds.leafTable) return undefined;
    const first = start + (isInterior ? 12 : 8);
    const offsets = Array.from({ length: bytes.readUInt16BE(start + 3) }, (_, index) =>
      bytes.readUInt16BE(first + index * 2),
    );
    return {
      bytes,
      hasRowids: kind === kinds.leafTable || kind === kinds.interiorTable,
      cells: kind === kinds.interiorTable ? [] : offsets.map((offset) => offset + (isInterior ? 4 : 0)),
      children: isInterior
        ? [...offsets.map((offset) => bytes.readUInt32BE(offset)), bytes.readUInt32BE(start + 8)]
        : [],
    };
  });
}

function rowAt(file: DamagedFile, { bytes, hasRowids }: TreePage, cell: number): StoredRow {
  const reader = new Reader(bytes, cell);
  const length = Number(reader.varint());
  const rowid = hasRowids ? BigInt.asIntN(64, reader.varint()) : undefined;
  const values = valuesOf(payloadAt(file, reader, { length, hasRowids }));
  return rowid === undefined ? { values } : { rowid, values };
}

/** What does not fit on the page goes on elsewhere. */
function payloadAt(
  file: DamagedFile,
  reader: Reader,
  { length, hasRowids }: { readonly length: number; readonly hasRowids: boolean },
): Buffer {
  const usable = file.usableSize;
  const most = hasRowids ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return reader.bytes(length);
  if (length > longestRowBytes) throw new RangeError("No row is as long");
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  const parts = [reader.bytes(fitting <= most ? fitting : least)];
  let missing = length - (parts[0]?.length ?? 0);
  const seen = new Set<number>();
  for (let next = reader.uint32(); missing > 0;) {
    const page = seen.has(next) ? undefined : file.page(next);
    if (page === undefined) throw new RangeError("A page is missing");
    seen.add(next);
    const part = page.subarray(4, Math.min(usable, 4 + missing));
    parts.push(part);
    missing -= part.length;
    next = page.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function valuesOf(payload: Buffer): readonly SQLInputValue[] {
  const reader = new Reader(payload, 0);
  const headerBytes = Number(reader.varint());
  const types: number[] = [];
  while (reader.at < headerBytes) types.push(Number(reader.varint()));
  if (reader.at !== headerBytes) throw new RangeError("The header of a row does not fit");
  return types.map((type) => reader.value(type));
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8];

/** @throws {RangeError} beyond the end. */
class Reader {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  bytes(length: number): Buffer {
    const end = this.at + length;
    if (end > this.#bytes.length) throw new RangeError("Beyond the end");
    const bytes = this.#bytes.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE(0);
  }

  varint(): bigint {
    let value = 0n;
    for (let index = 0; index < 8; index += 1) {
      const byte = this.bytes(1).readUInt8(0);
      value = (value << 7n) | BigInt(byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return (value << 8n) | BigInt(this.bytes(1).readUInt8(0));
  }

  value(type: number): SQLInputValue {
    if (type === 0) return null;
    if (type === 7) return this.bytes(8).readDoubleBE(0);
    if (type === 8 || type === 9) return BigInt(type - 8);
    if (type < 7) return this.#integer(integerBytes[type] ?? 0);
    if (type < 12) throw new RangeError("Not a type that is in use");
    const bytes = this.bytes(Math.floor((type - 12) / 2));
    return type % 2 === 0 ? bytes : bytes.toString("utf8");
  }

  #integer(length: number): bigint {
    const bytes = this.bytes(length);
    return length === 8 ? bytes.readBigInt64BE(0) : BigInt(bytes.readIntBE(0, length));
  }
}

/** Undefined where the bytes make no sense. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
