/** A part of a WebM file: its content is from `from` to `end`. */
interface Element {
  readonly id: number;
  readonly from: number;
  /** Infinity: unknown, as in recordings of a browser. */
  readonly end: number;
}

// https://www.rfc-editor.org/rfc/rfc9559#section-5.1
const ids = {
  docType: 0x42_82,
  segment: 0x18_53_80_67,
  tracks: 0x16_54_ae_6b,
  track: 0xae,
  trackType: 0x83,
  cluster: 0x1f_43_b6_75,
} as const;
const soundTrack = 2;
const maxElements = 10_000;

/** Whether a file with the mark of EBML says that it is WebM. Matroska, its larger sibling, is taken by no model. */
export function isWebm(bytes: Buffer): boolean {
  const header = elementAt(bytes, 0);
  if (header === undefined) return false;
  for (const { id, from, end } of elementsIn(bytes, header.from, header.end))
    if (id === ids.docType) return bytes.toString("latin1", from, end).startsWith("webm");
  return false;
}

/** Whether a WebM file has a track with sound. Undefined: it lacks what a player needs. Its end may be missing. */
export function webmHasSound(bytes: Buffer): boolean | undefined {
  const header = elementAt(bytes, 0);
  const segment = header === undefined ? undefined : elementAt(bytes, header.end);
  if (segment?.id !== ids.segment) return undefined;
  let hasSound: boolean | undefined;
  for (const { id, from, end } of elementsIn(bytes, segment.from, segment.end)) {
    if (id === ids.cluster) return hasSound;
    if (id !== ids.tracks || end > bytes.length) continue;
    hasSound = [...elementsIn(bytes, from, end)].some(
      (track) => track.id === ids.track && typeOf(bytes, track) === soundTrack,
    );
  }
  return undefined;
}

function typeOf(bytes: Buffer, track: Element): number | undefined {
  for (const { id, from } of elementsIn(bytes, track.from, track.end))
    if (id === ids.trackType) return bytes[from];
  return undefined;
}

function* elementsIn(bytes: Buffer, start: number, end: number): Generator<Element> {
  let at = start;
  for (let count = 0; count < maxElements && at < Math.min(end, bytes.length); count += 1) {
    const element = elementAt(bytes, at);
    if (element === undefined) return;
    yield element;
    at = element.end;
  }
}

function elementAt(bytes: Buffer, at: number): Element | undefined {
  const idBytes = lengthOf(bytes, at);
  const sizeAt = at + idBytes;
  const sizeBytes = lengthOf(bytes, sizeAt);
  const from = sizeAt + sizeBytes;
  if (idBytes === 0 || idBytes > 4 || sizeBytes === 0 || from > bytes.length) return undefined;
  const mark = 2 ** (7 * sizeBytes);
  const size = valueOf(bytes, sizeAt, sizeBytes) - mark;
  const end = size === mark - 1 ? Infinity : from + size;
  return { id: valueOf(bytes, at, idBytes), from, end };
}

/** How many bytes a number takes, as the zeros tell that it begins with. https://www.rfc-editor.org/rfc/rfc8794#section-4 */
function lengthOf(bytes: Buffer, at: number): number {
  const first = bytes[at];
  return first === undefined || first === 0 ? 0 : Math.clz32(first) - 23;
}

function valueOf(bytes: Buffer, at: number, length: number): number {
  let value = 0;
  for (const byte of bytes.subarray(at, at + length)) value = value * 256 + byte;
  return value;
}
