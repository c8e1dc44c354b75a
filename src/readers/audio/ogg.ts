/** How the first packets of the codecs that models take begin. */
const codecs = ["OpusHead", "\x01vorbis", "\x7fFLAC", "Speex   "];
const headerBytes = 27;
/** One with the codec, one with comments, one with sound. */
const minPages = 3;

/** Whether an Ogg file has sound. Its end may be missing. https://www.rfc-editor.org/rfc/rfc3533#section-6 */
export function oggHasSound(bytes: Buffer): boolean {
  let at = 0;
  let hasCodec = false;
  for (let count = 0; count < minPages || !hasCodec; count += 1) {
    const page = pageAt(bytes, at);
    if (page === undefined) return false;
    // Streams are told of in the first pages, one each.
    if (!page.isFirst && !hasCodec) return false;
    const start = bytes.toString("latin1", page.from, page.from + 8);
    hasCodec ||= codecs.some((codec) => start.startsWith(codec));
    at = page.end;
  }
  return true;
}

function pageAt(
  bytes: Buffer,
  at: number,
): { readonly from: number; readonly end: number; readonly isFirst: boolean } | undefined {
  if (at + headerBytes > bytes.length || bytes.toString("latin1", at, at + 4) !== "OggS") return undefined;
  const segments = bytes.readUInt8(at + 26);
  const from = at + headerBytes + segments;
  let end = from;
  for (const size of bytes.subarray(at + headerBytes, from)) end += size;
  return end > bytes.length ? undefined : { from, end, isFirst: (bytes.readUInt8(at + 5) & 2) !== 0 };
}
