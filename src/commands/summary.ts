import type { CommandRunner } from "../conversation/command/command.ts";
import { parseSince, sincePattern } from "../conversation/command/parse-since.ts";
import { suggestSince } from "../conversation/command/suggest-since.ts";
import { readHistory } from "../conversation/archive/read-history.ts";
import { askerZone } from "../conversation/text/time-marks.ts";
import { isForModel } from "../conversation/memory/remembered-message.ts";
import { summarizeMessages } from "./summarize-messages.ts";

/** Summarises the current chapter, or what was said since a given time. */
export const summary: CommandRunner = {
  definition: {
    name: "summary",
    description: "Summarise this conversation: decisions, open questions, action items",
    options: [{ word: "share", description: "show it to everyone here, not only to you" }],
    text: {
      name: "since",
      description: "how far back: 2h, 3d, today, yesterday, monday, 2026-11-20",
      isRequired: false,
      pattern: sincePattern,
      suggest: suggestSince,
    },
    scope: "conversation",
  },
  interrupts: false,
  runsInBackground: true,
  needs: ({ options }) => (options.has("share") ? "write" : "read"),
  run: async (call, signal) => {
    const { ports, argument, memory } = call;
    const zone = askerZone(call.command.by, memory, ports.timeZone);
    const fromMs = argument.text === "" ? 0 : parseSince(argument.text, ports.clock.nowMs(), zone);
    if (fromMs === undefined) return { say: `There's no such day: ${argument.text}.`, isShared: false };
    const { since } = memory;
    const history = await readHistory(ports.archive, memory, { since, fromMs }, signal);
    const spoken = history.filter(isForModel);
    if (spoken.length === 0) return { say: nothingText(argument.text), isShared: false };
    const isShared = argument.options.has("share");
    return { ...(await summarizeMessages(call, spoken)), isShared };
  },
};

function nothingText(since: string): string {
  return since === "" ? "Nothing here yet." : `Nothing was said here ${sinceOf(since)}.`;
}

function sinceOf(text: string): string {
  const start = text.replace(/^since\s+/iu, "");
  const span = /^(?:the )?(last .*)$/iu.exec(start)?.[1];
  return span === undefined ? `since ${start}` : `in the ${span}`;
}
