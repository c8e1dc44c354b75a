/** A part of an MP4 file: its content is from `from` to `end`. */
interface Box {
  readonly name: string;
  readonly from: number;
  readonly end: number;
}

/** Recordings in fragments have some hundred. */
const maxBoxes = 50_000;
/** What players call themselves in files with sound. Images (HEIC, AVIF) and books have names of their own. */
const brands = /^(?:isom|iso[2-9a-c]|mp4[12]|M4[ABV] |avc1|dash|MSNV|qt {2}|3gp[4-9]|3g2[a-c])$/u;

/** Whether a file begins as an MP4 file with sound or a film does. */
export function isMp4(bytes: Buffer): boolean {
  if (bytes.length < 16 || bytes[0] !== 0 || bytes.toString("latin1", 4, 8) !== "ftyp") return false;
  return brands.test(bytes.toString("latin1", 8, 12));
}

/**
 * Whether an MP4 file has a track with sound. Undefined: it lacks what a player needs, such as one that was cut off. Its
 * boxes are described in ISO/IEC 14496-12; https://mp4ra.org/registered-types/boxes lists them.
 */
export function mp4HasSound(bytes: Buffer): boolean | undefined {
  let left = maxBoxes;
  let hasSound: boolean | undefined;
  let hasContent = false;
  for (const box of boxesIn(bytes, 0, bytes.length)) {
    if ((left -= 1) === 0) return undefined;
    if (box.name === "mdat") hasContent ||= box.end > box.from;
    if (box.name !== "moov") continue;
    if (box.end > bytes.length) return undefined;
    hasSound = false;
    for (const track of boxesIn(bytes, box.from, box.end)) {
      if ((left -= 1) === 0) return undefined;
      if (track.name === "trak") hasSound ||= isSound(bytes, track);
    }
  }
  return hasContent ? hasSound : undefined;
}

function isSound(bytes: Buffer, track: Box): boolean {
  const media = find(bytes, track, "mdia");
  const handler = media === undefined ? undefined : find(bytes, media, "hdlr");
  return handler !== undefined && bytes.toString("latin1", handler.from + 8, handler.from + 12) === "soun";
}

function find(bytes: Buffer, { from, end }: Box, name: string): Box | undefined {
  let left = 100;
  for (const box of boxesIn(bytes, from, end)) {
    if (box.name === name) return box;
    if ((left -= 1) === 0) return undefined;
  }
  return undefined;
}

/** Each is at least 8 bytes long. The last one may end after `to`: then it was cut off. */
function* boxesIn(bytes: Buffer, start: number, to: number): Generator<Box> {
  let at = start;
  while (at + 8 <= Math.min(to, bytes.length)) {
    const short = bytes.readUInt32BE(at);
    const isLong = short === 1;
    if (isLong && at + 16 > bytes.length) return;
    const size = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? to - at : short;
    const from = at + (isLong ? 16 : 8);
    if (at + size < from) return;
    yield { name: bytes.toString("latin1", at + 4, at + 8), from, end: at + size };
    at += size;
  }
}
