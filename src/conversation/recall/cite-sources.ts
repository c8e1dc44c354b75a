import type { Source } from "../../domain/conversation-memory.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";

/** Between an answer and the links to what it used. */
export const sourcesMark = "\n\n*Sources:* ";

/** What a model wrote, without what looks like the sources that only this program names. */
export function removeForgedSources(text: string): string {
  return text.replaceAll(/\*(?=\*{0,2}Sources:)|(?<=Sources:\*{0,2})\*/gu, "");
}

export function sourceOf({ conversation, id, permalink, revision }: ArchivedMessage): Source {
  return { conversation, message: id, revision, ...(permalink === undefined ? {} : { permalink }) };
}

/** Who said it and when, as a link where there is one. Markdown. */
export function linkTo(message: Pick<ArchivedMessage, "speaker" | "saidAtMs" | "permalink">): string {
  const label = `${message.speaker.replaceAll(/[[\]()*_`~|<>]/gu, "")}, ${dayOf(message.saidAtMs)}`;
  return message.permalink === undefined ? label : `[${label}](${message.permalink})`;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
