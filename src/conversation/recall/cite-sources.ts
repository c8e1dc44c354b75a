import type { Source } from "../../domain/conversation-memory.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";

/** Separates an answer from its list of sources. */
export const sourcesMark = "\n\n*Sources:* ";

/** Defuses text of the model that imitates our list of sources. */
export function removeForgedSources(text: string): string {
  return text.replaceAll(/\*(?=\*{0,2}Sources:)|(?<=Sources:\*{0,2})\*/gu, "");
}

/** The source record for a message, as it was read. */
export function sourceOf({ conversation, id, permalink, revision }: ArchivedMessage): Source {
  return { conversation, message: id, revision, ...(permalink === undefined ? {} : { permalink }) };
}

/** Speaker and day in Markdown, linked if there is a permalink. */
export function linkTo(message: Pick<ArchivedMessage, "speaker" | "saidAtMs" | "permalink">): string {
  const label = `${message.speaker.replaceAll(/[[\]()*_`~|<>]/gu, "")}, ${dayOf(message.saidAtMs)}`;
  return message.permalink === undefined ? label : `[${label}](${message.permalink})`;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
