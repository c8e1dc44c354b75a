import { describe, expect, test } from "vitest";

import { flacFile, mp3File, mp4File, oggFile, wavFile, webmFile } from "../support/files/audio-files.ts";
import { readSample, textOfSample } from "../support/files/read-sample.ts";

const unreadable = (why: string): object => ({ kind: "unreadable", why });

const samples = [oggFile(), mp3File({ tagBytes: 300 }), wavFile(), flacFile(), mp4File(), webmFile()];

describe("a recording", () => {
  test.each([
    ["audio/ogg", oggFile()],
    ["audio/ogg", oggFile("words", "\x01vorbis")],
    ["audio/mpeg", mp3File()],
    ["audio/mpeg", mp3File({ tagBytes: 300 })],
    ["audio/wav", wavFile()],
    ["audio/flac", flacFile()],
    ["audio/mp4", mp4File()],
    ["audio/mp4", mp4File("isom")],
    ["audio/webm", webmFile()],
  ])("of the type %s is recognised by its content", async (mediaType, file) => {
    const facts = { name: "notes.txt", mediaType: "text/plain" };
    expect(await readSample(file, facts)).toEqual({ kind: "audio", mediaType });
    // What a player can begin with is enough, but not less.
    expect(await readSample(file.subarray(0, Math.floor(file.length * 0.3)), "x.ogg")).toEqual(
      mediaType === "audio/wav" ? { kind: "audio", mediaType } : unreadable("broken"),
    );
  });

  test("without a track of sound is silent", async () => {
    expect(await readSample(mp4File("isom", "vide"), "film.mp4")).toEqual(unreadable("silent"));
    expect(await readSample(webmFile(1), "film.webm")).toEqual(unreadable("silent"));
  });

  test("of a kind that no model takes is of an unknown type", async () => {
    expect(await readSample(webmFile(2, "matroska"), "film.mkv")).toEqual(unreadable("unknown-type"));
    expect(await readSample(mp4File("heic"), "photo.heic")).toEqual(unreadable("unknown-type"));
  });

  test("that lacks its beginning or its sound is broken", async () => {
    const lacking = {
      "empty.ogg": oggFile("words", "\x80theora"),
      "two-pages.ogg": oggFile().subarray(0, 90),
      "tag.mp3": mp3File({ tagBytes: 300, frames: 2 }),
      "head.wav": wavFile().subarray(0, 36),
      "head.flac": flacFile().subarray(0, 42),
      "end.mp4": mp4File().subarray(16),
      "cut.webm": webmFile().subarray(0, 30),
      "noise.mp3": Buffer.from([0xff, 0xfb, 0x90, 0x00, ...Buffer.alloc(900, 0x81)]),
    };
    for (const [name, file] of Object.entries(lacking))
      expect([name, await readSample(file, name)]).toEqual([name, unreadable("broken")]);
  });

  test("whose sizes lie is read to an end", async () => {
    const endless = mp4File();
    endless.writeUInt32BE(1, 20);
    const nested = webmFile();
    nested.writeUInt8(0xff, nested.indexOf(Buffer.from("1654ae6b", "hex")) + 4);
    const zeros = Buffer.concat([mp4File().subarray(0, 16), Buffer.alloc(1_000_000)]);
    const tag = mp3File({ tagBytes: 300 });
    tag.fill(0x7f, 6, 10);
    for (const file of [endless, nested, zeros, tag])
      expect(await readSample(file, "x.mp4")).toEqual(unreadable("broken"));
  });
});

test("cut anywhere, or with any byte changed, a recording is a value", async () => {
  const kinds = new Set<string>();
  for (const sample of samples)
    for (let at = 0; at < Math.min(sample.length, 400); at += 1) {
      const changed = Buffer.from(sample);
      changed[at] = (changed[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 0x80);
      for (const file of [sample.subarray(0, at), changed]) kinds.add((await readSample(file, "x.ogg")).kind);
    }
  expect([...kinds].toSorted()).toEqual(["audio", "text", "unreadable"]);
});

test.each(["ID3 is a tag", "OggS is a container", "fLaC", "RIFF of the WAVE", "ÿûÿûÿûÿû", "aaaaftypM4A "])(
  "the text %s is a text",
  async (text) => {
    expect(await textOfSample(text, "notes.txt")).toBe(text.trim());
    const latin = Buffer.from(text.repeat(300), "latin1");
    expect((await readSample(latin, "notes.txt")).kind).toBe("text");
    const marked = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text.repeat(300), "utf16le")]);
    expect((await readSample(marked, "notes.txt")).kind).toBe("text");
  },
);
