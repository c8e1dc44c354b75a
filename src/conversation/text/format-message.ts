import { textOf, type Content, type ContentPart } from "../../domain/content.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { withoutHeard } from "./speech.ts";
import { lineEnd, speakerLooks, quoteForgedLines, type SpeakerLooks } from "./forged-lines.ts";

type Spoken = Pick<RememberedMessage, "role" | "speaker" | "text" | "attachments">;

/**
 * Formats a message for the model: speaker before a person's text, each file whose text is not part of it on a line of its own. The text stays verbatim,
 * except that lines posing as another speaker are quoted. `looks`: those of all speakers; default: this speaker's. `mark`: a
 * note to append as the last line. `shown`: what is shown of a file in its place, in the order of the files.
 */
export function formatContent(
  { role, speaker, text, attachments }: Spoken,
  looks?: SpeakerLooks,
  mark?: string,
  shown: readonly (ContentPart | undefined)[] = [],
): Content {
  const isPerson = role === "person";
  // The first line is safe, and most messages have no other.
  const mayForge = isPerson && lineEnd.test(text);
  const own = isPerson ? text : withoutHeard(text);
  const plain = mayForge ? quoteForgedLines(text, looks ?? speakerLooks([speaker])) : own;
  const isSilent = isPerson && plain === "" && attachments.length === 0;
  const said = isSilent ? "[called you without saying anything else]" : plain;
  const start = isPerson ? `${speaker}: ${said}` : said;
  const end = isPerson && mark !== undefined ? `\n${mark}` : "";
  if (attachments.length === 0) return `${start}${end}`;
  const named = attachments.flatMap((file, index): readonly ContentPart[] => {
    const part = shown[index];
    if (part === undefined && file.textChars !== undefined) return [];
    return [part ?? { kind: "file", ...file }];
  });
  if (named.length === 0) return `${start}${end}`;
  const files = named.flatMap((part, index): readonly ContentPart[] => {
    const lineBreak = index > 0 || said !== "" ? "\n" : "";
    return [{ kind: "text", text: lineBreak }, part];
  });
  const parts: readonly ContentPart[] = [
    { kind: "text", text: start },
    ...files,
    { kind: "text", text: end },
  ];
  return parts.filter((part) => part.kind !== "text" || part.text !== "");
}

/** The same as one text, with files by name. */
export function formatMessage(message: Spoken, looks?: SpeakerLooks, mark?: string): string {
  return textOf(formatContent(message, looks, mark));
}
