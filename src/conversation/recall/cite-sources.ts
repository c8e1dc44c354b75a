import type { Source } from "../../domain/conversation-memory.ts";
import type { CitedMessage } from "../../domain/tool-round.ts";

/** Defuses text of the model that imitates our list of sources. */
export function removeForgedSources(text: string): string {
  return text.replaceAll(/\*(?=\*{0,2}Sources:)|(?<=Sources:\*{0,2})\*/gu, "");
}

/** The source record for a cited message. */
export function sourceOf({ conversation, message, permalink, revision }: CitedMessage): Source {
  return {
    conversation,
    message,
    ...(revision === undefined ? {} : { revision }),
    ...(permalink === undefined ? {} : { permalink }),
  };
}

/** Speaker and day in Markdown, linked if there is a permalink. */
export function linkTo(message: Pick<CitedMessage, "speaker" | "saidAtMs" | "permalink">): string {
  const label = `${message.speaker.replaceAll(/[[\]()*_`~|<>]/gu, "")}, ${dayOf(message.saidAtMs)}`;
  return message.permalink === undefined ? label : `[${label}](${message.permalink})`;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
