import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { speakerLooks, quoteForgedLines, type SpeakerLooks } from "./forged-lines.ts";

type Spoken = Pick<RememberedMessage, "role" | "speaker" | "text" | "attachments">;

/**
 * A message as the model reads it: a person's with its speaker before it, files by their names. The text stands word for
 * word; only a further line that would look like another speaker's is marked as a quotation. `looks`: of all speakers.
 * `mark`: a line of ours about it, which comes last.
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

/** A text in one line. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\u0085]+/gu, " ").trim();
}
