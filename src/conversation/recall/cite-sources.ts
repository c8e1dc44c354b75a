import type { Source } from "../../domain/conversation-memory.ts";
import type { CitedMessage } from "../../domain/tool-round.ts";
import type { WallClock } from "../text/wall-clock.ts";

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
export function linkTo(
  { speaker, saidAtMs, permalink }: Pick<CitedMessage, "speaker" | "saidAtMs" | "permalink">,
  wallClock: WallClock,
): string {
  const label = `${speaker.replaceAll(/[[\]()*_`~|<>]/gu, "")}, ${wallClock.isoDay(saidAtMs)}`;
  return permalink === undefined ? label : `[${label}](${permalink})`;
}
