import { yielding } from "../../../async/yielding.ts";

/** Small enough to be changed within a few milliseconds. In UTF-16 code units. */
const pieceChars = 32 * 1_024;
const encoder = new TextEncoder();

/**
 * Changes a text of any length in pieces of whole lines, and encodes it. `change` sees no line in parts; other work runs
 * between the pieces.
 */
export async function encodeLines(
  text: string,
  change: (piece: string) => string,
): Promise<Uint8Array<ArrayBuffer>> {
  const pause = yielding();
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from + pieceChars);
    const to = end === -1 ? text.length : end + 1;
    pieces.push(encoder.encode(change(text.slice(from, to))));
    from = to;
    await pause();
  }
  return Buffer.concat(pieces);
}
