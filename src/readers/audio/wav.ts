/** Real files have a few. */
const maxChunks = 10_000;

/** Whether a WAV file has a format and sound. Its end may be missing. https://www.rfc-editor.org/rfc/rfc2361 */
export function wavHasSound(bytes: Buffer): boolean {
  let at = 12;
  let hasFormat = false;
  for (let count = 0; count < maxChunks && at + 8 < bytes.length; count += 1) {
    const name = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (name === "fmt ") hasFormat = size >= 14;
    // A recorder that was cut off leaves a size of 0.
    if (name === "data") return hasFormat;
    at += 8 + size + (size % 2);
  }
  return false;
}
