import { crc32, deflateSync } from "node:zlib";

/** A black PNG of this size, or one that says so. `comment`: hidden in its bytes. */
export function pngFile(width: number, height: number, comment?: string): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(Math.min((width + 1) * height, 1_000)));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    block("IHDR", header),
    ...(comment === undefined ? [] : [block("tEXt", Buffer.from(`Comment\0 ${comment} `))]),
    block("IDAT", rows),
    block("IEND", Buffer.alloc(0)),
  ]);
}

function block(name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const named = Buffer.concat([Buffer.from(name), content]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** The blocks of a JPEG that tell its size, and its end. */
export function jpegFile(width: number, height: number): Buffer<ArrayBuffer> {
  const frame = Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 0, 0, 0, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  const start = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
  return Buffer.concat([start, frame, Buffer.alloc(100, 3), Buffer.of(0xff, 0xd9)]);
}

/** A GIF of this size without pictures. */
export function gifFile(width: number, height: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.concat([Buffer.from("GIF89a"), Buffer.alloc(10), Buffer.of(0x3b)]);
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}

/** The header of an extended WebP. */
export function webpFile(width: number, height: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(30);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(22, 4);
  bytes.write("WEBPVP8X", 8);
  bytes.writeUInt32LE(10, 16);
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}
