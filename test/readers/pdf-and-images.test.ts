import { deflateSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { gifFile, jpegFile, pngFile, webpFile } from "../support/files/image-files.ts";
import { pdfFile } from "../support/files/pdf-file.ts";
import { readSample, textOfSample } from "../support/files/read-sample.ts";

const unreadable = (why: string): object => ({ kind: "unreadable", why });

describe("a PDF", () => {
  test("is read page by page", async () => {
    const file = pdfFile([["Our plan (draft)", "We start on Friday."], ["The end"]]);
    expect(await readSample(file, "plan.pdf")).toEqual({
      kind: "text",
      text: "[page 1]\nOur plan (draft)\nWe start on Friday.\n\n[page 2]\nThe end",
      isCut: false,
      pages: { read: 2, total: 2 },
    });
  });

  test("that is long is cut, and says on which page", async () => {
    const file = pdfFile(
      Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => "Ten words are enough.")),
    );
    expect(await readSample(file, "long.pdf", 1_000)).toMatchObject({
      isCut: true,
      pages: { read: 3, total: 20 },
    });
  });

  test("with a password is encrypted, one without text is empty", async () => {
    expect(await readSample(pdfFile([["Secret"]], { isEncrypted: true }))).toEqual(unreadable("encrypted"));
    expect(await readSample(pdfFile([[], []]))).toEqual(unreadable("empty"));
  });

  test("without its table of objects is read all the same, one without objects is broken", async () => {
    const file = pdfFile([["Still here"]]);
    file.fill(" ", file.indexOf("xref"), file.indexOf("trailer"));
    expect(await textOfSample(file)).toContain("Still here");
    expect(await readSample("%PDF-1.7\nnothing", "x.pdf")).toEqual(unreadable("broken"));
  });

  test("may have a damaged page", async () => {
    const file = pdfFile([["first"], ["second"]]);
    const at = file.indexOf(deflateSync("BT /F1 12 Tf 14 TL 50 780 Td (first) Tj T* ET"));
    file.fill(0xff, at, at + 10);
    expect(await textOfSample(file)).toContain("[page 2]\nsecond");
  });

  test("may begin late if it says that it is one", async () => {
    const file = Buffer.concat([Buffer.from("junk\n".repeat(50)), pdfFile([["Late"]])]);
    expect(await textOfSample(file, "late.pdf")).toContain("Late");
    expect(await textOfSample("A PDF begins with %PDF-1.7", "about.md")).toBe("A PDF begins with %PDF-1.7");
  });
});

describe("an image", () => {
  test.each([
    ["image/png", pngFile(640, 480)],
    ["image/jpeg", jpegFile(640, 480)],
    ["image/gif", gifFile(640, 480)],
    ["image/webp", webpFile(640, 480)],
  ])("of the type %s is recognised by its content, with its size", async (mediaType, file) => {
    const facts = { name: "notes.txt", mediaType: "text/plain" };
    expect(await readSample(file, facts)).toEqual({ kind: "image", mediaType, width: 640, height: 480 });
    expect(await readSample(file.subarray(0, file.length - 1))).toEqual(unreadable("broken"));
    expect(await readSample(file.subarray(0, 12))).toEqual(unreadable("broken"));
  });

  test("without pixels is broken, one with too many is too large", async () => {
    expect(await readSample(pngFile(0, 10))).toEqual(unreadable("broken"));
    expect(await readSample(pngFile(19_000, 19_000))).toEqual(unreadable("too-large"));
    expect(await readSample(jpegFile(65_000, 2))).toEqual(unreadable("too-large"));
  });
});
