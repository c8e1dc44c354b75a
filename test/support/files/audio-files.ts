const pageBytes = 60_000;

/** An Ogg page with this content. The checksum is left out: it is not looked at. */
function oggPage(flags: number, number: number, content: Buffer): Buffer {
  const sizes = Array.from({ length: Math.floor(content.length / 255) + 1 }, (_, at) =>
    Math.min(255, content.length - at * 255),
  );
  const header = Buffer.alloc(27);
  header.write("OggS");
  header.writeUInt8(flags, 5);
  header.writeUInt32LE(number, 18);
  header.writeUInt8(sizes.length, 26);
  return Buffer.concat([header, Buffer.from(sizes), content]);
}

/** An Opus recording, as Discord's voice messages are. `sound` makes its bytes different. */
export function oggFile(sound = "spoken words", codec = "OpusHead"): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(sound);
  const pages = Array.from({ length: Math.ceil(bytes.length / pageBytes) }, (_, at) =>
    bytes.subarray(at * pageBytes, (at + 1) * pageBytes),
  );
  return Buffer.concat([
    oggPage(2, 0, Buffer.concat([Buffer.from(codec, "latin1"), Buffer.alloc(11, 1)])),
    oggPage(0, 1, Buffer.from("OpusTags\0\0\0\0\0\0\0\0", "latin1")),
    ...pages.map((page, at) => oggPage(at === pages.length - 1 ? 4 : 0, at + 2, page)),
  ]);
}

/** Frames of 128 kbit/s at 44.1 kHz. With a tag if it has one. */
export function mp3File({ tagBytes = 0, frames = 4 } = {}): Buffer<ArrayBuffer> {
  const frame = Buffer.alloc(417, 0x55);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  const sound = Buffer.concat(Array.from({ length: frames }, () => frame));
  if (tagBytes === 0) return sound;
  const tag = Buffer.alloc(10 + tagBytes);
  tag.write("ID3\x04\0\0", "latin1");
  for (const [at, shift] of [21, 14, 7, 0].entries()) tag.writeUInt8((tagBytes >> shift) & 0x7f, 6 + at);
  return Buffer.concat([tag, sound]);
}

/** One second of silence. */
export function wavFile(): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(44 + 16_000);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8_000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(16_000, 40);
  return bytes;
}

/** The first block and one frame. */
export function flacFile(): Buffer<ArrayBuffer> {
  const info = Buffer.alloc(38);
  info.set([0x80, 0, 0, 34]);
  return Buffer.concat([Buffer.from("fLaC"), info, Buffer.of(0xff, 0xf8), Buffer.alloc(50, 7)]);
}

/** A clip with one track, with sound or with pictures only. */
export function mp4File(brand = "M4A ", handler = "soun"): Buffer<ArrayBuffer> {
  const track = box("trak", box("mdia", box("hdlr", Buffer.from(`\0\0\0\0\0\0\0\0${handler}\0`, "latin1"))));
  return Buffer.concat([
    box("ftyp", Buffer.from(`${brand}\0\0\0\0`, "latin1")),
    box("moov", track),
    box("mdat", Buffer.from("spoken words")),
  ]);
}

function box(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(name, 4);
  return Buffer.concat([head, content]);
}

/** A recording of a browser, whose segment and clusters are of unknown size. `type`: 2 is sound, 1 is pictures. */
export function webmFile(type = 2, docType = "webm"): Buffer<ArrayBuffer> {
  const unknown = Buffer.from("01ffffffffffffff", "hex");
  return Buffer.concat([
    element("1a45dfa3", element("4282", Buffer.from(docType))),
    Buffer.from("18538067", "hex"),
    unknown,
    element("1654ae6b", element("ae", element("83", Buffer.of(type)))),
    Buffer.from("1f43b675", "hex"),
    unknown,
    element("a3", Buffer.from("spoken words")),
  ]);
}

function element(id: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(id, "hex"), Buffer.of(0x80 | content.length), content]);
}
