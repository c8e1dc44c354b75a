import { oggFile } from "../files/audio-files.ts";
import { pngFile } from "../files/image-files.ts";
import { docxFile, paragraph } from "../files/office-files.ts";
import { pdfFile } from "../files/pdf-file.ts";
import { soundOf, tokenOf } from "./speech.ts";
import type { Corner, SentFile, Town } from "./town.ts";

/** `draw`: the model is asked to make an image. `imagine`: the command is. */
export const filingKinds = [
  "txt",
  "pdf",
  "docx",
  "txt",
  "broken",
  "image",
  "voice",
  "draw",
  "imagine",
] as const;
export type FilingKind = (typeof filingKinds)[number];

/** A message with a file, or that asks for an image, and what became of it. */
export interface Filing {
  readonly number: number;
  /** The word that the file holds or the image shows. */
  readonly word: string;
  readonly kind: FilingKind;
  /** Missing: it stays. */
  takenBack?: { readonly what: "file" | "message"; readonly fromMs: number };
}

/** A conversation in which files are sent. */
export interface FilingTalk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner: Pick<Corner, "seen" | "images">;
  /** In order. Each was taken back before the next message, or never. */
  readonly filings: readonly Filing[];
}

/** Whether the bot makes an image, and no file is sent. */
export function isMade({ kind }: Pick<Filing, "kind">): boolean {
  return kind === "draw" || kind === "imagine";
}

/** What is written. */
export function textOf(conversation: number, { number, word, kind }: Filing): string {
  const token = tokenOf(conversation, number);
  if (kind === "imagine") return `/imagine ${word} for ${token} ∎`;
  return kind === "draw" ? `${token} draw ${word}` : `${token} what is in it?`;
}

/** What is sent with it. */
export function fileOf({ kind, word }: Filing): SentFile | undefined {
  const text = `The word is ${word}.`;
  switch (kind) {
    case "txt":
      return { name: "notes.txt", mediaType: "text/plain", bytes: Buffer.from(text) };
    case "pdf":
      return { name: "report.pdf", mediaType: "application/pdf", bytes: pdfFile([[text]]) };
    case "docx":
      return { name: "plan.docx", mediaType: "application/octet-stream", bytes: docxFile(paragraph(text)) };
    case "broken":
      return { name: "torn.pdf", mediaType: "application/pdf", bytes: pdfFile([[text]]).subarray(0, 90) };
    case "image":
      return { name: "sign.png", mediaType: "image/png", bytes: pngFile(40, 30, word) };
    case "voice":
      return { name: "memo.ogg", mediaType: "audio/ogg", bytes: oggFile(soundOf(word)) };
    case "draw":
    case "imagine":
      return undefined;
  }
}
