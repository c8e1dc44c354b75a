import type { ImageFacts } from "./image.ts";

type Size = Pick<ImageFacts, "width" | "height">;

/** Real images have a few hundred blocks; their sizes stand in the first of them. */
const maxBlocks = 100_000;

const signatures: readonly (readonly [start: string, type: ImageFacts["mediaType"]])[] = [
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["\xff\xd8\xff", "image/jpeg"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
];

/** Recognises an image by its first bytes. Undefined: it is none that models take. */
export function imageTypeOf(bytes: Buffer): ImageFacts["mediaType"] | undefined {
  const start = bytes.toString("latin1", 0, 16);
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "image/webp";
  return signatures.find(([each]) => start.startsWith(each))?.[1];
}

/** Undefined: the image is broken, or its end is missing. Linear. */
export function imageSize(bytes: Buffer, mediaType: ImageFacts["mediaType"]): Size | undefined {
  const size = statedSize(bytes, mediaType);
  return size === undefined || size.width === 0 || size.height === 0 ? undefined : size;
}

function statedSize(bytes: Buffer, mediaType: ImageFacts["mediaType"]): Size | undefined {
  try {
    switch (mediaType) {
      case "image/png":
        return sizeOfPng(bytes);
      case "image/jpeg":
        return sizeOfJpeg(bytes);
      case "image/gif":
        return bytes.lastIndexOf(0x3b) > 13
          ? { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
          : undefined;
      case "image/webp":
        return sizeOfWebp(bytes);
    }
  } catch (error) {
    // It ends before what it promises.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** https://www.w3.org/TR/png-3/#5DataRep */
function sizeOfPng(bytes: Buffer): Size | undefined {
  if (bytes.toString("latin1", 12, 16) !== "IHDR") return undefined;
  let at = 8;
  for (let block = 0; block < maxBlocks; block += 1) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IEND" && at + 12 <= bytes.length)
      return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    at += bytes.readUInt32BE(at) + 12;
  }
  return undefined;
}

/** https://www.w3.org/Graphics/JPEG/itu-t81.pdf, appendix B */
function sizeOfJpeg(bytes: Buffer): Size | undefined {
  let at = 2;
  for (let block = 0; block < maxBlocks; block += 1) {
    if (bytes.readUInt8(at) !== 0xff) return undefined;
    const marker = bytes.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      // The end may be followed by what a camera adds.
      const isWhole = bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) > at;
      return isWhole ? { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) } : undefined;
    }
    at += marker === 0xff ? 1 : bytes.readUInt16BE(at + 2) + 2;
  }
  return undefined;
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function sizeOfWebp(bytes: Buffer): Size | undefined {
  if (bytes.readUInt32LE(4) + 8 > bytes.length) return undefined;
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}
