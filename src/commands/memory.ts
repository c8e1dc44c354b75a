import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command/command.ts";
import { ReaderTime } from "../conversation/text/reader-time.ts";
import { windowOf } from "../conversation/memory/window.ts";
import type { ConversationMemory, RememberedMessage } from "../domain/conversation-memory.ts";
import type { Summary, SummaryLine } from "../domain/summary.ts";
import { isForModel } from "../conversation/memory/remembered-message.ts";

/** Shows what is remembered of a conversation. A person can pin or remove a line of the summary. */
export const memoryCommand: CommandRunner = {
  definition: {
    name: "memory",
    description: "Show what I remember of this conversation",
    options: [{ word: "details", description: "with token counts" }],
    text: {
      name: "change",
      description: "pin 2, unpin 2 or remove 2: a line of the summary by its number",
      isRequired: false,
      pattern: /^(?:pin|unpin|remove)\s+\d{1,3}$/iu,
    },
    scope: "conversation",
  },
  interrupts: false,
  needs: ({ text }) => (text === "" ? "read" : "own"),
  run: async (call) => (call.argument.text === "" ? show(call) : change(call)),
};

function show({ memory, ports, command, argument }: CommandCall): CommandResult {
  const { summary, leftOut, chapter, closed, erasing } = memory;
  const window = windowOf(memory).filter(isForModel);
  const time = new ReaderTime(ports.clock.nowMs(), command.by, ports.timeZone);
  const used = usedTokens(memory, window, ports);
  const maxTokens = used.instructions + ports.budget.highTokens;
  const share = Math.min(
    100,
    Math.ceil((100 * (used.instructions + used.summary + used.window)) / maxTokens),
  );
  const lines = [
    wordForWord(window, summary === undefined, time),
    ...(summary === undefined ? [] : summaryLines(summary, time)),
    ...(leftOut === 0
      ? []
      : [
          `**Being summarised**: ${leftOut === 1 ? "1 message" : `${leftOut} messages`} between the two. My next answer won't know ${leftOut === 1 ? "it" : "them"} yet.`,
        ]),
    ...(chapter > 1
      ? [
          `**Before the last reset**: not used.${closed === undefined ? "" : " `/reset undo` brings it back within 24 hours."}`,
        ]
      : []),
    ...(erasing === undefined
      ? []
      : [
          `**Forgotten**: everything before ${time.when(erasing.closed.closedAtMs)}. It will be deleted for good ${time.when(erasing.untilMs)}; until then \`/forget undo\` brings it back.`,
        ]),
    `My memory for the next answer is ${share} % full. To find anything older, use \`/recall <words>\`.`,
    ...(argument.options.has("details") ? [detailsOf(used, maxTokens)] : []),
  ];
  return { say: lines.join("\n"), isShared: false };
}

/** The tokens of the next prompt. */
interface UsedTokens {
  readonly instructions: number;
  readonly summary: number;
  readonly window: number;
}

function usedTokens(
  { summary }: ConversationMemory,
  window: readonly RememberedMessage[],
  { model, instructions }: CommandCall["ports"],
): UsedTokens {
  return {
    instructions: model.countTokens(instructions),
    summary: (summary?.lines ?? []).reduce((sum, line) => sum + line.tokens, 0),
    window: window.reduce((sum, message) => sum + message.tokens, 0),
  };
}

function wordForWord(window: readonly RememberedMessage[], isComplete: boolean, time: ReaderTime): string {
  const [oldest] = window;
  if (oldest === undefined) return "Nothing here yet.";
  const count = window.length === 1 ? "1 message" : `${window.length} messages`;
  const since = ` (since ${time.when(oldest.saidAtMs)})`;
  return isComplete
    ? `I still have all of it word for word: ${count}${since}. Nothing is summarised yet.`
    : `I have the last ${count} word for word${since}.`;
}

function detailsOf({ instructions, summary, window }: UsedTokens, maxTokens: number): string {
  return `Tokens: ${window} word for word, ${summary} summary, ${instructions} instructions; ${maxTokens} at most.`;
}

function summaryLines(summary: Summary, time: ReaderTime): readonly string[] {
  const dropped =
    summary.dropped === 0
      ? ""
      : ` ${summary.dropped === 1 ? "1 older line no longer fits" : `${summary.dropped} older lines no longer fit`}; \`/recall\` still finds what was said.`;
  const state =
    summary.isStale === true ? " Something in it was changed or deleted, so it's being rewritten." : "";
  const hint =
    summary.lines.length === 0 ? [] : ["`/memory pin 2` keeps a line, `/memory remove 2` takes one out."];
  return [
    `**Summary** of what came before (${time.when(summary.madeAtMs)}):${dropped}${state}`,
    ...summary.lines.map(numberedLine),
    ...hint,
  ];
}

function numberedLine({ text, cites, isPinned }: SummaryLine, index: number): string {
  const links = cites.flatMap(({ permalink }) => (permalink === undefined ? [] : ` [↗](${permalink})`));
  return `${index + 1}. ${isPinned === true ? "📌 " : ""}${text}${links.slice(0, 3).join("")}`;
}

function change({ memory, argument }: CommandCall): CommandResult {
  const [, verb = "", number = ""] = /^(\w+)\s+(\d+)$/u.exec(argument.text.toLowerCase()) ?? [];
  const { summary } = memory;
  const index = Number(number) - 1;
  const line = summary?.lines[index];
  if (summary === undefined || line === undefined) {
    return {
      say: `The summary has no line ${number}. See \`/memory\`.`,
      isShared: false,
    };
  }
  const next = verb === "remove" ? removeLine(summary, index, line) : setPin(summary, index, verb === "pin");
  const said = { remove: "Removed", pin: "Pinned", unpin: "Unpinned" }[verb] ?? "Done";
  return { say: `${said}: “${line.text}”`, isShared: false, memory: replaceSummary(memory, next) };
}

/** A new base makes a running summary of the old lines stale. */
function replaceSummary(memory: ConversationMemory, summary: Summary): ConversationMemory {
  return { ...memory, base: memory.base + 1, summary };
}

function setPin(summary: Summary, index: number, isPinned: boolean): Summary {
  const lines = summary.lines.map((line, at): SummaryLine => {
    if (at !== index) return line;
    const { isPinned: _, ...rest } = line;
    return isPinned ? { ...rest, isPinned } : rest;
  });
  return { ...summary, lines };
}

function removeLine(summary: Summary, index: number, { cites }: SummaryLine): Summary {
  const unwanted = [...(summary.unwanted ?? []), ...cites.map(({ ordinal }) => ordinal)];
  return { ...summary, lines: summary.lines.toSpliced(index, 1), unwanted };
}
