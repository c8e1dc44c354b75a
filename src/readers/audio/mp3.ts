/** A frame of MPEG audio, as its header tells. */
interface Frame {
  /** What all frames of a file have in common: version, layer and sampling rate. */
  readonly kind: number;
  readonly bytes: number;
}

/** Kilobits per second of layer III, then II, by the index in the header. First those of MPEG 1, then of MPEG 2 and 2.5. */
const bitRates = {
  mpeg1: [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  ],
  mpeg2: [
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
} as const;
const samplingRates = [44_100, 48_000, 32_000] as const;
/** Random bytes, and texts with a byte order mark, look like one frame; never like these many. */
const minFrames = 3;
/** Some programs fill up their tags. */
const maxFillBytes = 65_536;

/** The size of the ID3v2 tag that a file begins with. Undefined: it begins with none. https://id3.org/id3v2.4.0-structure */
export function id3BytesOf(bytes: Buffer): number | undefined {
  if (bytes.length < 10 || bytes.toString("latin1", 0, 3) !== "ID3") return undefined;
  const [version = 0xff, revision = 0xff, flags = 0, ...size] = bytes.subarray(3, 10);
  if (version < 2 || version > 4 || revision === 0xff || size.some((byte) => byte > 0x7f)) return undefined;
  const footer = version === 4 && (flags & 0x10) !== 0 ? 10 : 0;
  return 10 + size.reduce((sum, byte) => sum * 128 + byte, 0) + footer;
}

/** Whether frames of MPEG audio follow one another from there on. */
export function hasFrames(bytes: Buffer, from: number): boolean {
  let at = from;
  let kind: number | undefined;
  for (let count = 0; count < minFrames; count += 1) {
    const frame = frameAt(bytes, at);
    if (frame === undefined || (kind !== undefined && frame.kind !== kind)) return false;
    kind = frame.kind;
    at += frame.bytes;
  }
  return true;
}

/** Whether frames follow a tag. */
export function hasFramesAfter(bytes: Buffer, tagBytes: number): boolean {
  const end = Math.min(bytes.length, tagBytes + maxFillBytes);
  let at = tagBytes;
  while (at < end && bytes[at] === 0) at += 1;
  return hasFrames(bytes, at);
}

/** Layer I, which nobody uses, is left out: the mark of UTF-16 looks like it. */
function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (at + 4 > bytes.length) return undefined;
  const header = bytes.readUInt32BE(at);
  const version = (header >>> 19) & 3;
  const layer = (header >>> 17) & 3;
  const isSync = header >>> 21 === 0x7ff;
  if (!isSync || version === 1 || (layer !== 1 && layer !== 2)) return undefined;
  const rates = version === 3 ? bitRates.mpeg1 : bitRates.mpeg2;
  const bitRate = rates[layer === 1 ? 0 : 1][(header >>> 12) & 15] ?? 0;
  const base = samplingRates[(header >>> 10) & 3];
  if (bitRate === 0 || base === undefined) return undefined;
  const samplingRate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const samples = layer === 1 && version !== 3 ? 576 : 1_152;
  const padding = (header >>> 9) & 1;
  const size = Math.floor((samples / 8) * ((bitRate * 1_000) / samplingRate)) + padding;
  return { kind: (header >>> 10) & 0x7c3, bytes: size };
}
