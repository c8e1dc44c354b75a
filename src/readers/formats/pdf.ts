import { fileURLToPath } from "node:url";

import type * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";

import { maxPages } from "../text/limits.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import type { Pages } from "../text/pages.ts";
import { Enough } from "../text/bounded-text.ts";
import { Unreadable } from "../text/unreadable.ts";

type PdfJs = typeof pdfjs;
type PdfDocument = Awaited<ReturnType<PdfJs["getDocument"]>["promise"]>;
type PdfPage = Awaited<ReturnType<PdfDocument["getPage"]>>;

const folder = new URL("./", import.meta.resolve("pdfjs-dist/package.json"));

/** Reads the text of a PDF page by page. Images in it are not looked at. @throws {Unreadable} */
export async function readPdf(
  bytes: Uint8Array<ArrayBuffer>,
  { out, pages }: { readonly out: BoundedText; readonly pages: Pages },
): Promise<void> {
  const document = await open(bytes);
  pages.total = document.numPages;
  for (let number = 1; number <= pages.total; number += 1) {
    if (number > maxPages) out.stop();
    pages.read = number;
    out.mark(`\n\n[page ${number}]\n`);
    await readPage(document, number, out);
  }
}

async function open(bytes: Uint8Array<ArrayBuffer>): Promise<PdfDocument> {
  const { getDocument, VerbosityLevel } = await loadPdfJs();
  const loading = getDocument({
    data: bytes,
    cMapUrl: fileURLToPath(new URL("cmaps/", folder)),
    cMapPacked: true,
    standardFontDataUrl: fileURLToPath(new URL("standard_fonts/", folder)),
    useSystemFonts: false,
    disableFontFace: true,
    useWasm: false,
    enableXfa: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    maxImageSize: 1,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    return await loading.promise;
  } catch (error) {
    throw new Unreadable(
      error instanceof Error && error.name === "PasswordException" ? "encrypted" : "broken",
    );
  }
}

/** pdf.js parses in a worker that it starts itself, unless it finds the code of one. */
async function loadPdfJs(): Promise<PdfJs> {
  // @ts-expect-error -- the package has no types for it
  const worker: unknown = await import("pdfjs-dist/legacy/build/pdf.worker.mjs");
  Object.assign(globalThis, { pdfjsWorker: worker });
  return await import("pdfjs-dist/legacy/build/pdf.mjs");
}

async function readPage(document: PdfDocument, number: number, out: BoundedText): Promise<void> {
  try {
    const page = await document.getPage(number);
    await readText(page, out);
    page.cleanup();
  } catch (error) {
    if (error instanceof Enough || error instanceof Unreadable) throw error;
    out.mark("[this page is damaged]\n");
  }
}

async function readText(page: PdfPage, out: BoundedText): Promise<void> {
  const reader = page.streamTextContent({ includeMarkedContent: false }).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const items: readonly { readonly str?: string; readonly hasEOL?: boolean }[] = value.items;
    const text = items.map(({ str = "", hasEOL = false }) => (hasEOL ? `${str}\n` : str));
    out.add(text.join(""));
  }
}
