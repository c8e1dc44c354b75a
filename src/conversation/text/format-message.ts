import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { speakerLooks, quoteForgedLines, type SpeakerLooks } from "./forged-lines.ts";

type Spoken = Pick<RememberedMessage, "role" | "speaker" | "text" | "attachments">;

/**
 * Formats a message for the model: speaker before a person's text, files by name. The text stays verbatim, except that
 * lines posing as another speaker are quoted. `looks`: those of all speakers; default: this speaker's. `mark`: a note of
 * ours to append as the last line.
 */
export function formatMessage(
  { role, speaker, text, attachments }: Spoken,
  looks?: SpeakerLooks,
  mark?: string,
): string {
  const files = attachments.map(({ name }) => `[file: ${oneLine(name)}]`);
  const plain = role === "person" ? quoteForgedLines(text, looks ?? speakerLooks([speaker])) : text;
  const said = [plain, ...files].filter((line) => line !== "").join("\n");
  if (role !== "person") return said;
  const spoken = `${speaker}: ${said === "" ? "[called you without saying anything else]" : said}`;
  return mark === undefined ? spoken : `${spoken}\n${mark}`;
}

/** Collapses all white space to single spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\u0085]+/gu, " ").trim();
}
