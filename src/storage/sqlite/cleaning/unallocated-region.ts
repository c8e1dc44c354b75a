/** Bytes of a page from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const fileHeaderBytes = 100;
const kinds = new Set([0x02, 0x05, 0x0a, 0x0d]);
const firstLeafKind = 0x08;

/**
 * The unallocated region of a b-tree page, between its cell pointers and its cells. SQLite leaves copies of rows
 * there when it moves them to another page. What it deletes elsewhere it zeroes itself (`secure_delete`). Undefined
 * for other kinds of pages and for an inconsistent page. Format: https://sqlite.org/fileformat2.html#b_tree_pages
 */
export function unallocatedRegion(page: Buffer, pageNumber: number): ByteRange | undefined {
  const header = pageNumber === 1 ? fileHeaderBytes : 0;
  const kind = page.readUInt8(header);
  // Other pages begin with a page number or with zeros. Below 128 GiB that number begins with 0 or 1.
  if (!kinds.has(kind)) return undefined;
  const pointers = header + (kind < firstLeafKind ? 12 : 8);
  const cells = page.readUInt16BE(header + 3);
  // 0 stands for 65,536.
  const region = { start: pointers + cells * 2, end: page.readUInt16BE(header + 5) || 65_536 };
  if (region.start > region.end || region.end > page.length) return undefined;
  for (let at = pointers; at < region.start; at += 2) {
    const cell = page.readUInt16BE(at);
    if (cell < region.end || cell >= page.length) return undefined;
  }
  return region;
}
