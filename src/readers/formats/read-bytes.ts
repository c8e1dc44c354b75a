import type { AudioInFile, FileFacts, FileReading, ImageInFile } from "../../ports/file-reader.ts";
import { OfficePackage } from "../office/office-package.ts";
import { BoundedText, Enough } from "../text/bounded-text.ts";
import type { Pages } from "../text/pages.ts";
import { Unreadable } from "../text/unreadable.ts";
import { readAudio } from "./audio.ts";
import { signatureOf } from "./kind-of.ts";
import { readDocx } from "./docx.ts";
import { readImage } from "./image.ts";
import { readPlain } from "./plain.ts";
import { readPptx } from "./pptx.ts";
import { readXlsx } from "./xlsx.ts";

interface Into {
  readonly out: BoundedText;
  readonly pages: Pages;
}

/** What encrypted Office files hold. */
const encryptedPackage = Buffer.from("EncryptedPackage", "utf16le");

/** Reads a file of any kind. It may take any time and memory: call it in a process that can be killed. */
export async function readBytes(
  bytes: Buffer<ArrayBuffer>,
  facts: FileFacts,
  out: BoundedText = new BoundedText(),
): Promise<FileReading> {
  if (bytes.length === 0) return { kind: "unreadable", why: "empty" };
  const pages: Pages = { read: 0, total: 0 };
  try {
    const media = await readInto(bytes, facts, { out, pages });
    if (media !== undefined) return media;
  } catch (error) {
    // What was read before a limit is worth having.
    const isEnough = error instanceof Enough || (error instanceof Unreadable && error.why === "too-large");
    if (!isEnough || out.isBlank) return unreadable(error, out);
    return textOf({ out, pages }, true);
  }
  return out.isBlank ? { kind: "unreadable", why: "empty" } : textOf({ out, pages }, false);
}

/** An image or a recording, or undefined: then the text is in `into`. */
async function readInto(
  bytes: Buffer<ArrayBuffer>,
  facts: FileFacts,
  into: Into,
): Promise<ImageInFile | AudioInFile | undefined> {
  const signature = signatureOf(bytes, facts);
  switch (signature) {
    case "pdf": {
      // By far the largest of the parsers.
      const { readPdf } = await import("./pdf.ts");
      await readPdf(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), into);
      return undefined;
    }
    case "zip":
      await readOffice(bytes, into);
      return undefined;
    case "compound":
      throw new Unreadable(bytes.includes(encryptedPackage) ? "encrypted" : "unknown-type");
    case "rtf":
      throw new Unreadable("unknown-type");
    case "other":
      readPlain(bytes, facts, into.out);
      return undefined;
    case "image/png":
    case "image/jpeg":
    case "image/gif":
    case "image/webp":
      return readImage(bytes, signature);
    case "audio/ogg":
    case "audio/mpeg":
    case "audio/wav":
    case "audio/flac":
    case "audio/mp4":
    case "audio/webm":
      return readAudio(bytes, signature);
  }
}

async function readOffice(bytes: Buffer<ArrayBuffer>, into: Into): Promise<void> {
  const file = await OfficePackage.open(bytes, into.out);
  const { path, contentType } = await file.mainPart();
  // Files with macros have types of their own. Macros are parts that nothing here reads.
  if (/wordprocessingml|ms-word/u.test(contentType)) return await readDocx(file, path, into.out);
  if (/spreadsheetml|ms-excel\.(?!sheet\.binary)/u.test(contentType))
    return await readXlsx(file, path, into.out);
  if (/presentationml|ms-powerpoint/u.test(contentType)) return await readPptx(file, path, into);
  throw new Unreadable("unknown-type");
}

function textOf({ out, pages }: Into, isCut: boolean): FileReading {
  const text = { kind: "text", text: out.toString(), isCut } as const;
  return pages.total === 0 ? text : { ...text, pages: { ...pages } };
}

function unreadable(error: unknown, out: BoundedText): FileReading {
  if (error instanceof Unreadable) return { kind: "unreadable", why: error.why };
  if (error instanceof Enough) return { kind: "unreadable", why: out.isLate ? "timed-out" : "empty" };
  return { kind: "unreadable", why: "broken" };
}
