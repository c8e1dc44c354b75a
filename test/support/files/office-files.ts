import { zipFile, type ZipPart } from "./zip-file.ts";

const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

type Parts = Readonly<Record<string, string | Buffer>>;

/** A relationship: its id, the last word of its type, its target, and whether that is outside of the file. */
export type Related = readonly (readonly [id: string, type: string, target: string, isOutside?: true])[];

/** The XML of a part's relationships. */
export function relationships(related: Related): string {
  const each = related.map(
    ([id, type, target, isOutside]) =>
      `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"${isOutside === true ? ' TargetMode="External"' : ""}/>`,
  );
  return `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each.join("")}</Relationships>`;
}

function officeFile(main: string, contentType: string, parts: Parts): Buffer<ArrayBuffer> {
  const all: Parts = {
    "[Content_Types].xml": `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${main}" ContentType="application/vnd.openxmlformats-officedocument.${contentType}.main+xml"/></Types>`,
    "_rels/.rels": relationships([["rId1", "officeDocument", main]]),
    ...parts,
  };
  return zipFile(
    Object.entries(all).map(([path, content]): ZipPart => ({ path, bytes: Buffer.from(content) })),
  );
}

const wordprocessing = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** A paragraph of a document. */
export function paragraph(text: string, properties = ""): string {
  return `<w:p><w:pPr>${properties}</w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
}

/** A Word document with this body, beside other parts. */
export function docxFile(body: string, parts: Parts = {}): Buffer<ArrayBuffer> {
  return officeFile("word/document.xml", "wordprocessingml.document", {
    "word/document.xml": `${head}<w:document ${wordprocessing} xmlns:r="${office}"><w:body>${body}</w:body></w:document>`,
    "word/styles.xml": `${head}<w:styles ${wordprocessing}><w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>`,
    ...parts,
  });
}

/** A sheet of a workbook: its name, its rows as XML, and its state. */
export interface SampleSheet {
  readonly name: string;
  readonly rows: string;
  readonly state?: string;
}

/** An Excel workbook. Style 1 is a date, style 2 a format of its own that shows a date and a time. */
export function xlsxFile(
  sheets: readonly SampleSheet[],
  strings: readonly string[] = [],
): Buffer<ArrayBuffer> {
  const xmlns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const list = sheets.map(
    ({ name, state }, index) =>
      `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"${state === undefined ? "" : ` state="${state}"`}/>`,
  );
  const parts = sheets.map(({ rows }, index): readonly [string, string] => [
    `xl/worksheets/sheet${index + 1}.xml`,
    `${head}<worksheet ${xmlns}><sheetData>${rows}</sheetData></worksheet>`,
  ]);
  return officeFile("xl/workbook.xml", "spreadsheetml.sheet", {
    "xl/workbook.xml": `${head}<workbook ${xmlns} xmlns:r="${office}"><sheets>${list.join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relationships([
      ...sheets.map(
        (_, index) => [`rId${index + 1}`, "worksheet", `worksheets/sheet${index + 1}.xml`] as const,
      ),
      ["rId98", "sharedStrings", "sharedStrings.xml"],
      ["rId99", "styles", "/xl/styles.xml"],
    ]),
    "xl/sharedStrings.xml": `${head}<sst ${xmlns}>${strings.map((each) => `<si><t>${each}</t></si>`).join("")}</sst>`,
    "xl/styles.xml": `${head}<styleSheet ${xmlns}><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    ...Object.fromEntries(parts),
  });
}

const drawing = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';
const presentation = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"';

/** A shape of a slide, with the kind of its placeholder. */
export function shape(kind: string, paragraphs: readonly string[]): string {
  const texts = paragraphs.map((each) => `<a:p><a:r><a:t>${each}</a:t></a:r></a:p>`);
  return `<p:sp><p:nvSpPr><p:nvPr><p:ph type="${kind}"/></p:nvPr></p:nvSpPr><p:txBody>${texts.join("")}</p:txBody></p:sp>`;
}

/** A PowerPoint presentation: for each slide its shapes, and those of its notes. */
export function pptxFile(
  slides: readonly { readonly shapes: string; readonly notes?: string }[],
): Buffer<ArrayBuffer> {
  const tree = (root: string, shapes: string): string =>
    `${head}<p:${root} ${presentation} ${drawing} xmlns:r="${office}"><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:${root}>`;
  const ids = slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`);
  const parts = slides.flatMap(({ shapes, notes }, index): readonly (readonly [string, string])[] => [
    [`ppt/slides/slide${index + 1}.xml`, tree("sld", shapes)],
    [
      `ppt/slides/_rels/slide${index + 1}.xml.rels`,
      relationships([
        ["rId7", "hyperlink", "https://example.com/plan", true],
        ...(notes === undefined
          ? []
          : [["rId2", "notesSlide", `../notesSlides/notesSlide${index + 1}.xml`] as const]),
      ]),
    ],
    ...(notes === undefined
      ? []
      : [[`ppt/notesSlides/notesSlide${index + 1}.xml`, tree("notes", notes)] as const]),
  ]);
  return officeFile("ppt/presentation.xml", "presentationml.presentation", {
    "ppt/presentation.xml": `${head}<p:presentation ${presentation} xmlns:r="${office}"><p:sldIdLst>${ids.join("")}</p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relationships(
      slides.map((_, index) => [`rId${index + 1}`, "slide", `slides/slide${index + 1}.xml`] as const),
    ),
    ...Object.fromEntries(parts),
  });
}

/** As Office writes a file with a password: a compound file with two streams. */
export function encryptedOfficeFile(): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(8_192, 7);
  bytes.write("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "latin1");
  Buffer.from("EncryptionInfo\0", "utf16le").copy(bytes, 1_024);
  Buffer.from("EncryptedPackage\0", "utf16le").copy(bytes, 1_152);
  return bytes;
}
