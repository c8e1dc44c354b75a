/** Real files have a few. */
const maxBlocks = 1_000;

/** Whether a FLAC file has sound after what it tells of itself. Its end may be missing. https://www.rfc-editor.org/rfc/rfc9639 */
export function flacHasSound(bytes: Buffer): boolean {
  let at = 4;
  for (let count = 0; count < maxBlocks && at + 4 <= bytes.length; count += 1) {
    const isLast = bytes.readUInt8(at) >= 0x80;
    at += 4 + bytes.readUIntBE(at + 1, 3);
    if (isLast) return at + 2 <= bytes.length && bytes.readUInt16BE(at) >>> 1 === 0x7ffc;
  }
  return false;
}
