import { normalizeText } from "../../domain/normalize-text.ts";

/**
 * Control characters but tab and line feed, characters that change the direction of writing, and invisible ones. Joiners stay:
 * emoji and Indic scripts need them. Tags (U+E0000) can carry a hidden text that only a model reads.
 */
const unwanted =
  /[^\P{Cc}\t\n]|[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E00FF}]/gu;
const lineEnds = /\r\n?|[\u0085\u2028\u2029]/gu;
const isClean = /^[\t\n -~]*$/u;

/** Makes a text of a file safe to show: NFC, line feeds only, and no unwanted characters. */
export function cleanText(text: string): string {
  if (isClean.test(text)) return text;
  return normalizeText(text.replaceAll(lineEnds, "\n").replaceAll(unwanted, "").toWellFormed(), "NFC");
}
