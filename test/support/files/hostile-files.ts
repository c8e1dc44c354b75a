import { deflateSync } from "node:zlib";

import { jpegFile, pngFile } from "./image-files.ts";
import { docxFile, encryptedOfficeFile, paragraph, pptxFile, shape, xlsxFile } from "./office-files.ts";
import { pdfFile } from "./pdf-file.ts";
import { zipFile } from "./zip-file.ts";

/** A file that is broken, huge, or not what it claims to be. It is made when it is needed. */
export interface HostileFile {
  readonly name: string;
  readonly make: () => Buffer<ArrayBuffer>;
}

const megabyte = 1_000_000;

/** The same numbers for the same seed: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomFrom(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const cells = Array.from(
  { length: 200 },
  (_, index) => `<row><c><v>${index}</v></c><c t="s"><v>${index % 3}</v></c></row>`,
).join("");
const text = "Some words in a file, and some more. ";

const samples: Readonly<Record<string, () => Buffer<ArrayBuffer>>> = {
  "plan.docx": () => docxFile(paragraph(text.repeat(20)).repeat(40)),
  "budget.xlsx": () => xlsxFile([{ name: "One", rows: cells }], ["a", "b", "c"]),
  "talk.pptx": () => pptxFile([{ shapes: shape("title", [text]), notes: shape("body", [text]) }]),
  "report.pdf": () => pdfFile([[text, text], [text]]),
  "page.html": () => Buffer.from(`<!doctype html><h1>${text}</h1><table><tr><td>${text}</table>`.repeat(20)),
  "table.csv": () => Buffer.from("name;größe\n".repeat(300)),
  "photo.png": () => pngFile(30, 30),
  "photo.jpg": () => jpegFile(30, 30),
};

function changed(bytes: Buffer<ArrayBuffer>, seed: number): Buffer<ArrayBuffer> {
  const random = randomFrom(seed);
  const copy = Buffer.from(bytes);
  if (seed % 3 === 0) return copy.subarray(0, random(copy.length));
  const flips = seed % 3 === 1 ? 3 : 100;
  for (let count = 0; count < flips; count += 1) copy[random(copy.length)] = random(256);
  return copy;
}

function noise(start: string, seed: number): Buffer<ArrayBuffer> {
  const random = randomFrom(seed);
  return Buffer.concat([
    Buffer.from(start, "latin1"),
    Buffer.from(Array.from({ length: 5_000 }, () => random(256))),
  ]);
}

const oneStream = (content: Buffer): Buffer<ArrayBuffer> => pdfFile([[]], { content });
const withPages = (from: string, to: string): Buffer<ArrayBuffer> =>
  Buffer.from(
    pdfFile([[text]])
      .toString("latin1")
      .replace(from, to),
    "latin1",
  );

/** Small files that unpack to huge ones, or never end. */
export const bombs: readonly HostileFile[] = [
  { name: "spaces.docx", make: () => docxFile(" ".repeat(300 * megabyte)) },
  { name: "one-word.docx", make: () => docxFile(paragraph("a".repeat(200 * megabyte))) },
  { name: "one-tag.docx", make: () => docxFile(`<w:p ${'a="b" '.repeat(20 * megabyte)}/>`) },
  { name: "one-name.docx", make: () => docxFile(`<${"a".repeat(200 * megabyte)}/>`) },
  { name: "attributes.docx", make: () => docxFile(`<w:p ${numbered(2 * megabyte, (at) => `a${at}="" `)}/>`) },
  { name: "comment.docx", make: () => docxFile(`<!-- ${"a".repeat(200 * megabyte)} -->`) },
  { name: "deep.docx", make: () => docxFile("<w:p>".repeat(20 * megabyte)) },
  { name: "no-text.docx", make: () => docxFile("<w:p/>".repeat(30 * megabyte)) },
  {
    name: "tables.docx",
    make: () => docxFile("<w:tbl><w:tr><w:tc>".repeat(300) + paragraph("a").repeat(megabyte)),
  },
  { name: "entities.docx", make: () => docxFile("", { "word/document.xml": entities() }) },
  {
    name: "links.docx",
    make: () =>
      docxFile(paragraph("a"), {
        "word/_rels/document.xml.rels": `<a>${'<Relationship Id="1" Target="b"/>'.repeat(3 * megabyte)}</a>`,
      }),
  },
  {
    name: "rows.xlsx",
    make: () => xlsxFile([{ name: "Rows", rows: "<row><c><v></v></c></row>".repeat(8 * megabyte) }]),
  },
  {
    name: "million.xlsx",
    make: () =>
      xlsxFile([
        {
          name: "Rows",
          rows: numbered(megabyte, (at) => `<row r="${at}"><c r="A${at}"><v>${at}</v></c></row>`),
        },
      ]),
  },
  {
    name: "wide.xlsx",
    make: () => xlsxFile([{ name: "Wide", rows: '<row><c r="XFD1"><v>1</v></c></row>'.repeat(10_000) }]),
  },
  {
    name: "strings.xlsx",
    make: () =>
      xlsxFile(
        [{ name: "One", rows: cells }],
        Array.from({ length: 4 * megabyte }, () => "a"),
      ),
  },
  {
    name: "empty-strings.xlsx",
    make: () =>
      xlsxFile(
        [{ name: "One", rows: cells }],
        Array.from({ length: 10 * megabyte }, () => ""),
      ),
  },
  { name: "slides.pptx", make: () => pptxFile(Array.from({ length: 1_500 }, () => ({ shapes: "" }))) },
  {
    name: "entries.zip",
    make: () =>
      zipFile(Array.from({ length: 60_000 }, (_, at) => ({ path: `${at}`, bytes: Buffer.alloc(0) }))),
  },
  {
    name: "nested.zip",
    make: () =>
      Array.from({ length: 8 }).reduce<Buffer<ArrayBuffer>>(
        (bytes) => zipFile([{ path: "in.zip", bytes }]),
        Buffer.alloc(megabyte),
      ),
  },
  { name: "spaces.pdf", make: () => oneStream(deflateSync(Buffer.alloc(1_000 * megabyte, " "))) },
  {
    name: "words.pdf",
    make: () => oneStream(deflateSync(`BT /F1 12 Tf ${"(a) Tj ".repeat(30 * megabyte)} ET`)),
  },
  { name: "brackets.pdf", make: () => oneStream(deflateSync("[".repeat(30 * megabyte))) },
  { name: "saved.pdf", make: () => oneStream(deflateSync("q ".repeat(30 * megabyte))) },
  {
    name: "twice.pdf",
    make: () =>
      Buffer.from(
        oneStream(deflateSync(deflateSync(Buffer.alloc(1_500 * megabyte))))
          .toString("latin1")
          .replace("/Filter /FlateDecode", "/Filter [/FlateDecode /FlateDecode]"),
        "latin1",
      ),
  },
  { name: "in-itself.pdf", make: () => withPages("/Kids [4 0 R]", "/Kids [2 0 R]") },
  { name: "many-times.pdf", make: () => withPages("/Kids [4 0 R]", `/Kids [${"4 0 R ".repeat(100_000)}]`) },
  { name: "count.pdf", make: () => withPages("/Count 1 ", "/Count 2000000000 ") },
  { name: "font-in-itself.pdf", make: () => withPages("/Font << /F1 3 0 R >>", "/Font 4 0 R") },
  { name: "dictionaries.pdf", make: () => withPages("/MediaBox", `/X ${"<<".repeat(megabyte)} /MediaBox`) },
  {
    name: "objects.pdf",
    make: () =>
      Buffer.from(
        `%PDF-1.7\n${numbered(300_000, (at) => `${at} 0 obj\n<< /Type /Catalog /Pages ${at + 1} 0 R >>\nendobj\n`)}`,
      ),
  },
  { name: "deep.html", make: () => Buffer.from("<div>".repeat(6 * megabyte)) },
  { name: "closed.html", make: () => Buffer.from("<b>".repeat(900) + "</i>".repeat(7 * megabyte)) },
  { name: "attributes.html", make: () => Buffer.from(`<a ${numbered(2 * megabyte, (at) => `a${at}=1 `)}>`) },
  { name: "cells.html", make: () => Buffer.from(`<table><tr>${"<td>a".repeat(5 * megabyte)}`) },
  { name: "marks.txt", make: () => Buffer.from("\u0301".repeat(15 * megabyte)) },
  { name: "line.csv", make: () => Buffer.from("a,".repeat(15 * megabyte)) },
  { name: "japanese.txt", make: () => Buffer.from("93fa967b8cea".repeat(5 * megabyte), "hex") },
  {
    name: "blocks.png",
    make: () => Buffer.concat([pngFile(3, 3).subarray(0, 33), Buffer.alloc(30 * megabyte)]),
  },
  { name: "pixels.png", make: () => pngFile(2_000_000_000, 2_000_000_000) },
  { name: "spaces.txt", make: () => Buffer.alloc(30 * megabyte, " ") },
];

function numbered(count: number, each: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => each(at + 1)).join("");
}

function entities(): string {
  const lines = Array.from({ length: 20 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`);
  return `<!DOCTYPE d [<!ENTITY e0 "ha">${lines.join("")}]><d><p><t>&e20;</t></p></d>`;
}

const wrong: readonly HostileFile[] = [
  { name: "secret.docx", make: encryptedOfficeFile },
  { name: "secret.pdf", make: () => pdfFile([[text]], { isEncrypted: true }) },
  { name: "login.pdf", make: () => Buffer.from("<!DOCTYPE html><title>Sign in</title>") },
  { name: "talk.docx", make: samples["talk.pptx"] ?? encryptedOfficeFile },
  { name: "both.pdf", make: () => Buffer.concat([pdfFile([[text]]), docxFile(paragraph(text))]) },
  { name: "both.docx", make: () => Buffer.concat([docxFile(paragraph(text)), pdfFile([[text]])]) },
  { name: "picture.html", make: () => Buffer.concat([pngFile(3, 3), Buffer.from("<script>1</script>")]) },
  { name: "nothing.pdf", make: () => Buffer.from("%PDF-") },
];
const starts = [
  "%PDF-1.7\n",
  "PK\x03\x04",
  "\x89PNG\r\n\x1a\n",
  "\xff\xd8\xff\xe0",
  "GIF89a",
  "RIFF\x00\x00\x00\x00WEBPVP8 ",
  "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
  "",
];

const mutations: readonly HostileFile[] = Object.entries(samples).flatMap(([name, make]) =>
  Array.from({ length: 16 }, (_, seed) => ({ name: `${seed}-${name}`, make: () => changed(make(), seed) })),
);
const noises: readonly HostileFile[] = starts.flatMap((start, at) =>
  [1, 2, 3].map((seed) => ({ name: `noise-${at}-${seed}`, make: () => noise(start, seed) })),
);

/** 200 files, the same ones each time. */
export const hostileFiles: readonly HostileFile[] = [...bombs, ...wrong, ...noises, ...mutations];
