import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { IsolatedFileReader } from "../../src/readers/isolated-file-reader.ts";
import { readingTime } from "../../src/readers/text/limits.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { bombs } from "../support/files/hostile-files.ts";
import { readingProcesses } from "../support/files/memory-of-readers.ts";
import { docxFile, paragraph } from "../support/files/office-files.ts";
import { pdfFile } from "../support/files/pdf-file.ts";
import { usualStopMs } from "../support/machine-speed.ts";

const signal = AbortSignal.timeout(600_000);
const hello = { kind: "text", text: "Hello", isCut: false };

function open(time = {}) {
  const log = new RecordingLog();
  return { log, reader: new IsolatedFileReader({ log, time: { ...readingTime, ...time } }) };
}

const plain = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

/** A file that keeps pdf.js busy for many seconds. */
function endless(): Uint8Array<ArrayBuffer> {
  const bomb = bombs.find(({ name }) => name === "saved.pdf");
  return new Uint8Array(bomb?.make() ?? Buffer.alloc(0));
}

describe("a file in a process of its own", () => {
  test("is read, and leaves no process behind", async () => {
    const { reader, log } = open();
    await using called = reader;
    const files = [plain("Hello"), docxFile(paragraph("Hello"))];
    const readings = await Promise.all(files.map((bytes) => called.read(bytes, { name: "hello" }, signal)));
    expect(readings).toEqual([hello, hello]);
    expect(await called.read(new Uint8Array(pdfFile([["Hello"]])), { name: "hello" }, signal)).toEqual({
      ...hello,
      text: "[page 1]\nHello",
      pages: { read: 1, total: 1 },
    });
    expect(log.lines).toEqual([]);
    await expect.poll(readingProcesses).toEqual([]);
  });

  test("may be a Japanese PDF, whose letters only a map of its encoding tells", async () => {
    const { reader } = open();
    await using called = reader;
    const content = deflateSync("BT /F1 12 Tf 50 780 Td <93fa967b8cea> Tj ET");
    const font =
      "/Subtype /Type0 /BaseFont /G /Encoding /90ms-RKSJ-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /G /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>]";
    const file = pdfFile([[]], { content }).toString("latin1");
    const japanese = Buffer.from(file.replace("/Subtype /Type1 /BaseFont /Helvetica", font), "latin1");
    expect(await called.read(new Uint8Array(japanese), { name: "ja.pdf" }, signal)).toMatchObject({
      text: "[page 1]\n日本語",
    });
  });

  test("needs no process if it is empty or too large", async () => {
    const { reader } = open();
    await using called = reader;
    const read = async (size: number): Promise<unknown> =>
      await called.read(new Uint8Array(size), { name: "a" }, signal);
    expect(await read(0)).toEqual({ kind: "unreadable", why: "empty" });
    expect(await read(33 * 1_048_576)).toEqual({ kind: "unreadable", why: "too-large" });
  });

  test("can't see the environment, write a file or start a program", async () => {
    const { reader } = open();
    await using called = reader;
    const reading = called.read(endless(), { name: "endless.pdf" }, signal);
    await expect.poll(readingProcesses).toHaveLength(1);
    const [id = ""] = readingProcesses();
    expect(readFileSync(`/proc/${id}/environ`, "utf8")).toBe("MALLOC_ARENA_MAX=2\0");
    const flags = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
    expect(flags).toContain("--permission");
    expect(flags.filter((flag) => /^--allow-(?!worker|fs-read=)/u.test(flag))).toEqual([]);
    const folders = flags.filter((flag) => flag.startsWith("--allow-fs-read="));
    expect(folders.map((flag) => flag.split("/").at(-1))).toEqual(["src", "node_modules", "package.json"]);
    process.kill(Number(id), "SIGSEGV");
    expect(await reading).toEqual({ kind: "unreadable", why: "broken" });
  });

  test("is given up at the end of its time", async () => {
    const { reader, log } = open({ maxWaitMs: 800 });
    await using called = reader;
    const startedAtMs = performance.now();
    expect(await called.read(endless(), { name: "endless.pdf" }, signal)).toEqual({
      kind: "unreadable",
      why: "timed-out",
    });
    // By itself it would end after 4.8 s of work.
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    expect(log.lines).toEqual([]);
    await expect.poll(readingProcesses).toEqual([]);
  });

  test("is given up when it has worked for too long", async () => {
    const { reader, log } = open({ maxCpuMs: 1_000 });
    await using called = reader;
    expect(await called.read(endless(), { name: "endless.pdf" }, signal)).toEqual({
      kind: "unreadable",
      why: "timed-out",
    });
    expect(log.lines).toEqual([]);
  });

  test("is given up when its reader leaves, and when the program ends", async () => {
    const { reader } = open();
    const leaving = new AbortController();
    const left = reader.read(endless(), { name: "endless.pdf" }, leaving.signal);
    const running = reader.read(endless(), { name: "endless.pdf" }, signal);
    const waiting = reader.read(endless(), { name: "endless.pdf" }, signal);
    const ends = Promise.allSettled([left, running, waiting]);
    await expect.poll(readingProcesses).toHaveLength(2);
    leaving.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    await reader[Symbol.asyncDispose]();
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(readingProcesses()).toEqual([]);
    await expect(reader.read(plain("Hello"), { name: "hello" }, signal)).rejects.toThrow("aborted");
  });

  test("does not stop the program, however large it is", async () => {
    const { reader } = open();
    await using called = reader;
    const bytes = new Uint8Array(
      pdfFile(
        Array.from({ length: 200 }, () => ["Hello"]),
        { imageBytes: 100_000 },
      ),
    );
    expect(bytes.length).toBeGreaterThan(20_000_000);
    const read = async (): Promise<void> => {
      const reading = await called.read(bytes, { name: "large.pdf" }, signal);
      expect(reading).toMatchObject({ kind: "text", pages: { total: 200 } });
    };
    expect(await usualStopMs(read, 50)).toBeLessThan(50);
  });

  test("that fails for another reason than its content is told to the operator, without its text", async () => {
    const { reader, log } = open();
    await using called = reader;
    const reading = called.read(endless(), { name: "secret-name.pdf" }, signal);
    await expect.poll(readingProcesses).toHaveLength(1);
    process.kill(Number(readingProcesses()[0]), "SIGTERM");
    expect(await reading).toEqual({ kind: "unreadable", why: "broken" });
    expect(log.lines).toEqual([
      expect.objectContaining({ level: "warn", facts: { code: null, endedBy: "SIGTERM" } }),
    ]);
  });
});
