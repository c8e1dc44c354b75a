/** The size of all pieces but the last: sealing one takes less than a millisecond. */
export const pieceBytes = 256 * 1_024;

/** Cuts bytes into pieces of the same size; the last may be shorter. None for no bytes. */
export async function* cutIntoPieces(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const given of bytes instanceof Uint8Array ? [bytes] : bytes) {
    for (let at = 0; at < given.length;) {
      const part = given.subarray(at, at + pieceBytes - filled);
      piece.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < pieceBytes) continue;
      yield piece;
      piece = new Uint8Array(pieceBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
