import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command-runner.ts";
import { momentFrom, momentPattern } from "../conversation/moment.ts";
import { readHistory, type HistoryMessage } from "../conversation/read-history.ts";
import { spokenText } from "../conversation/spoken-text.ts";
import type { PromptMessage } from "../domain/prompt.ts";
import type { Recollection, Source } from "../domain/recollection.ts";

const instructions = `Summarise the conversation below for somebody who takes part in it and wants to catch up.
Each message begins with its number in brackets; a person's has that person's name and a colon behind it, the others are yours.
Give what was decided under **Decisions**, what is still open under **Open questions**, and who is to do what under **Action items**, each as a short list that names people; leave out a list that would be empty; if all would be empty, tell in a few sentences what was said. Keep names, numbers, dates and links exactly as they were written. Add nothing that was not said.
End each line of a list with the numbers of the messages that it rests on, in brackets: [12] or [3, 12].
Write in the language of the conversation, in Markdown.`;

/** Tells what was said in the current chapter, or since some moment. */
export const summary: CommandRunner = {
  definition: {
    name: "summary",
    description: "Tell what was said in this conversation: decisions, open questions, action items",
    options: [{ word: "share", description: "show it to everybody here, not only to you" }],
    text: {
      name: "since",
      description: "only since then: 2h, 3d, today, yesterday, monday, 2026-11-20",
      isRequired: false,
      pattern: momentPattern,
    },
    concerns: "conversation",
  },
  interrupts: false,
  run: async (call, signal) => {
    const { ports, argument, recollection } = call;
    const fromMs = argument.text === "" ? 0 : momentFrom(argument.text, ports.clock.nowMs());
    if (fromMs === undefined) return { say: `There is no such day: ${argument.text}.`, isShared: false };
    const { since } = recollection;
    const history = await readHistory(ports.ledger, recollection, { since, fromMs }, signal);
    const spoken = history.filter(({ role }) => role !== "notice");
    if (spoken.length === 0) return { say: nothing(argument.text), isShared: false };
    return tellOf(call, spoken);
  },
};

function nothing(since: string): string {
  return since === "" ? "Nothing has been said here yet." : `Nothing has been said here ${sinceOf(since)}.`;
}

function sinceOf(text: string): string {
  return `since ${text.replace(/^since\s+/iu, "")}`;
}

/** A long conversation is told in parts, and the parts together: nothing is cut. */
async function tellOf(call: CommandCall, spoken: readonly HistoryMessage[]): Promise<CommandResult> {
  const { ports, argument, recollection, ask } = call;
  const tell = (messages: readonly PromptMessage[], request: string): Promise<string> => {
    const asked = [...messages, { role: "person", text: request }] as const;
    return ask({ conversation: recollection.conversation, instructions, messages: asked });
  };
  const inParts = (messages: readonly PromptMessage[]) =>
    partsOf(messages, ports.budget.highTokens, ports.model.countTokens);
  let parts = inParts(spoken.map(promptMessageOf));
  let request = "Summarise this conversation now.";
  let say: string | undefined;
  while (say === undefined) {
    const told: string[] = [];
    for (const [index, part] of parts.entries()) {
      const which = `This is part ${index + 1} of ${parts.length}. Summarise this part now.`;
      told.push(await tell(part, parts.length === 1 ? request : which));
    }
    const together = inParts(told.map((text) => ({ role: "person", text })));
    // A model that makes nothing shorter must not keep us for ever.
    if (parts.length === 1 || together.length >= parts.length) say = told.join("\n\n");
    parts = together;
    request = "These are summaries of the parts of one conversation, in order. Make one summary of them now.";
  }
  return { ...withLinks(say, recollection, spoken), isShared: argument.options.has("share") };
}

function promptMessageOf(message: HistoryMessage): PromptMessage {
  const role = message.role === "bot" ? "bot" : "person";
  return { role, text: `[${message.ordinal}] ${spokenText(message)}` };
}

/** As few parts as hold everything; a message longer than a part is a part of its own. */
function partsOf(
  messages: readonly PromptMessage[],
  maxTokens: number,
  countTokens: (text: string) => number,
): readonly (readonly PromptMessage[])[] {
  const parts: PromptMessage[][] = [];
  let tokens = Infinity;
  for (const message of messages) {
    const each = countTokens(message.text) + 4;
    if (tokens + each > maxTokens) {
      parts.push([]);
      tokens = 0;
    }
    tokens += each;
    parts.at(-1)?.push(message);
  }
  return parts;
}

/** The numbers of messages become links to them; those that are none go. */
function withLinks(
  text: string,
  { conversation }: Recollection,
  spoken: readonly HistoryMessage[],
): Required<Pick<CommandResult, "say" | "sources">> {
  const byOrdinal = new Map(spoken.map((message) => [message.ordinal, message]));
  const sources = new Map<string, Source>();
  const say = text.replaceAll(/ ?\[(\d+(?:\s*,\s*\d+)*)\](?!\()/gu, (mark: string, numbers: string) => {
    const cited = numbers.split(",").flatMap((number) => byOrdinal.get(Number(number)) ?? []);
    if (cited.length === 0) return mark;
    for (const { id } of cited) sources.set(id, { conversation, message: id });
    return cited.map(({ permalink }) => (permalink === undefined ? "" : ` [↗](${permalink})`)).join("");
  });
  return { say, sources: [...sources.values()] };
}
