import { describe, expect, test } from "vitest";

import { ZipParts } from "../../src/readers/office/zip-parts.ts";
import {
  docxFile,
  encryptedOfficeFile,
  paragraph,
  pptxFile,
  relationships,
  shape,
  xlsxFile,
} from "../support/files/office-files.ts";
import { readSample, textOfSample } from "../support/files/read-sample.ts";
import { zipFile } from "../support/files/zip-file.ts";

const unreadable = (why: string): object => ({ kind: "unreadable", why });

describe("a Word document", () => {
  test("is read with headings, lists, tables and links", async () => {
    const cell = (text: string): string => `<w:tc>${paragraph(text)}</w:tc>`;
    const body = [
      paragraph("The plan", '<w:pStyle w:val="berschrift2"/>'),
      paragraph("We start on Friday &amp; end on &lt;Monday&gt;."),
      paragraph("Buy paint", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'),
      paragraph("White", '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'),
      `<w:tbl><w:tr>${cell("Who")}${cell("When")}</w:tr><w:tr>${cell("Ada")}${cell("10 | 11")}</w:tr></w:tbl>`,
      '<w:p><w:r><w:t xml:space="preserve">See </w:t></w:r><w:hyperlink r:id="rId5"><w:r><w:t>our wiki</w:t></w:r></w:hyperlink><w:r><w:t>.</w:t></w:r></w:p>',
    ].join("");
    const file = docxFile(body, {
      "word/_rels/document.xml.rels": relationships([
        ["rId5", "hyperlink", "https://example.com/wiki", true],
      ]),
    });
    expect(await textOfSample(file, "plan.docx")).toBe(
      [
        "## The plan",
        "We start on Friday & end on <Monday>.",
        "- Buy paint\n  - White",
        "| Who | When |\n| --- | --- |\n| Ada | 10 \\| 11 |",
        "See our wiki (https://example.com/wiki).",
      ].join("\n\n"),
    );
  });

  test("is read without what was deleted, and with its notes and comments", async () => {
    const xmlns = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
    const file = docxFile(
      `<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>deleted</w:delText><w:t>too</w:t></w:r></w:del><mc:AlternateContent><mc:Choice><w:r><w:t>, once,</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>, once,</w:t></w:r></mc:Fallback></mc:AlternateContent><w:ins><w:r><w:t> added</w:t><w:footnoteReference w:id="2"/></w:r></w:ins></w:p>`,
      {
        "word/footnotes.xml": `<w:footnotes ${xmlns}><w:footnote w:type="separator" w:id="0">${paragraph("---")}</w:footnote><w:footnote w:id="2">${paragraph("A source.")}</w:footnote></w:footnotes>`,
        "word/comments.xml": `<w:comments ${xmlns}><w:comment w:id="1" w:author="Ada">${paragraph("Why?")}</w:comment></w:comments>`,
      },
    );
    expect(await textOfSample(file)).toBe("Kept, once, added[^2]\n\n[^2]: A source.\n\nComment by Ada: Why?");
  });

  test("may have other prefixes than Word's, and tables in tables", async () => {
    const inner = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>inner</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    const body = `<w:tbl><w:tr><w:tc>${paragraph("outer")}${inner}</w:tc><w:tc>${paragraph("beside")}</w:tc></w:tr></w:tbl>`;
    expect(await textOfSample(docxFile(body))).toBe("| outer  inner | beside |\n| --- | --- |");
    const renamed = docxFile(
      '<ns0:p xmlns:ns0="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><ns0:r><ns0:t>Hello</ns0:t></ns0:r></ns0:p>',
    );
    expect(await textOfSample(renamed)).toBe("Hello");
  });

  test("replaces no entity that it declares itself", async () => {
    const bomb = `<!DOCTYPE d [<!ENTITY a "${"ha".repeat(50)}"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><w:document xmlns:w="w"><w:body><w:p><w:r><w:t>x &b; &f; y</w:t></w:r></w:p></w:body></w:document>`;
    expect(await textOfSample(docxFile("", { "word/document.xml": bomb }))).toBe("x &b; &f; y");
  });
});

describe("an Excel workbook", () => {
  const cell = (at: string, value: string, more = ""): string => `<c r="${at}"${more}><v>${value}</v></c>`;

  test("is read sheet by sheet, each as a table", async () => {
    const rows = [
      `<row r="1">${cell("A1", "0", ' t="s"')}${cell("C1", "1", ' t="s"')}</row>`,
      `<row r="2">${cell("A2", "0.30000000000000004")}${cell("B2", "1", ' t="b"')}<c r="C2" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>`,
      `<row r="4">${cell("A4", "46354", ' s="1"')}${cell("B4", "46354.545138888891", ' s="2"')}<c r="C4" t="str"><f>1/0</f><v>#DIV/0!</v></c></row>`,
    ].join("");
    const file = xlsxFile(
      [
        { name: "Budget", rows },
        { name: "Old", rows: `<row>${cell("A1", "7")}</row>`, state: "hidden" },
      ],
      ["Item", "Price"],
    );
    expect(await textOfSample(file, "budget.xlsx")).toBe(
      [
        "## Sheet: Budget\n",
        "| Item |  | Price |",
        "| --- | --- | --- |",
        "| 0.3 | TRUE | inline |",
        "| 2026-11-28 | 2026-11-28 13:05 | #DIV/0! |",
        "",
        "## Sheet: Old (hidden)\n",
        "| 7 |",
        "| --- |",
      ].join("\n"),
    );
  });

  test("that is long is cut, and says so", async () => {
    const rows = Array.from(
      { length: 5_000 },
      (_, index) => `<row>${cell(`A${index + 1}`, String(index))}</row>`,
    );
    const reading = await readSample(xlsxFile([{ name: "Long", rows: rows.join("") }]), "long.xlsx", 1_000);
    expect(reading).toMatchObject({ kind: "text", isCut: true });
    expect(reading).toHaveProperty("text", expect.stringMatching(/^[^]{990,1000}$/u));
  });

  test("with columns that go backwards or beyond the last one is broken", async () => {
    for (const row of [`${cell("B1", "1")}${cell("A1", "2")}`, cell("ZZZ1", "1")]) {
      const file = xlsxFile([{ name: "Odd", rows: `<row>${row}</row>` }]);
      expect(await readSample(file)).toEqual(unreadable("broken"));
    }
  });
});

describe("a PowerPoint presentation", () => {
  test("is read slide by slide, with its notes", async () => {
    const link =
      '<p:sp><p:txBody><a:p><a:r><a:rPr><a:hlinkClick r:id="rId7"/></a:rPr><a:t>The plan</a:t></a:r></a:p></p:txBody></p:sp>';
    const table =
      "<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Q1</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>12</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>";
    const file = pptxFile([
      { shapes: shape("ctrTitle", ["Welcome"]) + shape("body", ["First", "Second"]) },
      {
        shapes: table + link + shape("sldNum", ["2"]),
        notes: shape("sldImg", ["no"]) + shape("body", ["Speak slowly"]) + shape("sldNum", ["2"]),
      },
    ]);
    const reading = await readSample(file, "talk.pptx");
    expect(reading).toMatchObject({ isCut: false, pages: { read: 2, total: 2 } });
    expect(reading).toHaveProperty(
      "text",
      [
        "[slide 1]\n# Welcome",
        "First",
        "Second",
        "[slide 2]\n| Q1 | 12 |\n| --- | --- |",
        "The plan (https://example.com/plan)",
        "Notes: Speak slowly",
      ].join("\n\n"),
    );
  });
});

describe("an office file", () => {
  test("with a password is encrypted", async () => {
    expect(await readSample(encryptedOfficeFile(), "secret.docx")).toEqual(unreadable("encrypted"));
    const parts = [{ path: "[Content_Types].xml", bytes: Buffer.from("<Types/>"), isEncrypted: true }];
    expect(await readSample(zipFile(parts))).toEqual(unreadable("broken"));
  });

  test("that is cut off, or whose bytes have changed, is broken", async () => {
    const whole = docxFile(paragraph("Some words. ".repeat(500)));
    expect(await readSample(whole.subarray(0, whole.length / 2))).toEqual(unreadable("broken"));
    const changed = Buffer.from(whole);
    changed.writeUInt32LE(1, whole.indexOf("PK\x01\x02") - 400);
    expect(await readSample(changed)).toEqual(unreadable("broken"));
    const otherSum = Buffer.from(whole);
    const directory = whole.indexOf("PK\x01\x02");
    for (let at = directory; at >= 0; at = whole.indexOf("PK\x01\x02", at + 4))
      otherSum.writeUInt32LE(1, at + 16);
    expect(await readSample(otherSum)).toEqual(unreadable("broken"));
  });

  test("whose XML is nested without end, or ends too early, is broken", async () => {
    const deep = docxFile("", { "word/document.xml": `${"<w:p>".repeat(2_000)}${"</w:p>".repeat(2_000)}` });
    expect(await readSample(deep)).toEqual(unreadable("broken"));
    expect(await readSample(docxFile("", { "word/document.xml": "<w:document><w:body>" }))).toEqual(
      unreadable("broken"),
    );
  });

  test("without any text is empty, and an archive of other things can't be read", async () => {
    expect(await readSample(docxFile(""))).toEqual(unreadable("empty"));
    expect(await readSample(zipFile([{ path: "a.txt", bytes: Buffer.from("hello") }]))).toEqual(
      unreadable("unknown-type"),
    );
  });

  test("that unpacks to more than it says is broken", async () => {
    const parts = [
      { path: "[Content_Types].xml", bytes: Buffer.from("<Types/>") },
      { path: "_rels/.rels", bytes: Buffer.alloc(1_000_000, " "), saysBytes: 10 },
    ];
    expect(await readSample(zipFile(parts))).toEqual(unreadable("broken"));
  });

  test("with more entries than any document has is too large", async () => {
    const file = docxFile("");
    file.writeUInt16LE(20_001, file.length - 12);
    expect(await readSample(file)).toEqual(unreadable("too-large"));
  });

  test("is unpacked up to a limit, over all its parts", async () => {
    const parts = ["a", "b"].map((path) => ({ path, bytes: Buffer.alloc(1_000, path) }));
    const archive = await ZipParts.open(zipFile(parts), 1_500);
    const read = async (path: string): Promise<void> => {
      for await (const bytes of (await archive.read(path)) ?? []) expect(bytes).toHaveLength(1_000);
    };
    await read("a");
    await expect(read("b")).rejects.toMatchObject({ why: "too-large" });
  });
});
