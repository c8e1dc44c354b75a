import { deflateSync } from "node:zlib";

/** How a PDF is made. */
interface PdfOptions {
  /** It needs a password. */
  readonly isEncrypted?: boolean;
  /** The content stream of each page instead of its lines, as it is stored. */
  readonly content?: Buffer;
  /** Bytes of an image on each page, which make the file large. */
  readonly imageBytes?: number;
}

/** A PDF with these lines on its pages. */
export function pdfFile(
  pages: readonly (readonly string[])[],
  { isEncrypted = false, content, imageBytes = 0 }: PdfOptions = {},
): Buffer<ArrayBuffer> {
  const count = pages.length;
  const objects: Buffer[] = [
    Buffer.from("<< /Type /Catalog /Pages 2 0 R >>"),
    Buffer.from(
      `<< /Type /Pages /Count ${count} /Kids [${pages.map((_, index) => `${4 + index * 3} 0 R`).join(" ")}] >>`,
    ),
    Buffer.from("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"),
  ];
  for (const [index, lines] of pages.entries()) {
    const at = 4 + index * 3;
    objects.push(
      Buffer.from(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${at + 1} 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /I ${at + 2} 0 R >> >> >>`,
      ),
      stream("/Filter /FlateDecode", content ?? deflateSync(textOperators(lines))),
      stream(
        "/Type /XObject /Subtype /Image /Width 10 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        Buffer.alloc(imageBytes, 90),
      ),
    );
  }
  const letters = "A".repeat(32);
  const encrypt = isEncrypted
    ? ` /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (${letters}) /U (${letters}) >> /ID [(${letters}) (${letters})]`
    : "";
  return withTable(objects, encrypt);
}

function textOperators(lines: readonly string[]): string {
  const shown = lines.map((line) => `(${line.replaceAll(/[\\()]/gu, "\\$&")}) Tj T*`);
  return `BT /F1 12 Tf 14 TL 50 780 Td ${shown.join(" ")} ET`;
}

function stream(dictionary: string, bytes: Buffer): Buffer {
  const before = `<< ${dictionary} /Length ${bytes.length} >> stream\n`;
  return Buffer.concat([Buffer.from(before), bytes, Buffer.from("\nendstream")]);
}

function withTable(objects: readonly Buffer[], encrypt: string): Buffer<ArrayBuffer> {
  const parts = [Buffer.from("%PDF-1.7\n")];
  const offsets: number[] = [];
  let position = 9;
  for (const [index, object] of objects.entries()) {
    const bytes = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    offsets.push(position);
    position += bytes.length;
    parts.push(bytes);
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const end = `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer << /Size ${size} /Root 1 0 R${encrypt} >>\nstartxref\n${position}\n%%EOF`;
  return Buffer.concat([...parts, Buffer.from(end)]);
}
