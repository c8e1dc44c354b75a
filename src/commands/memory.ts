import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command-runner.ts";
import { isForModel } from "../conversation/recollect.ts";
import { windowOf } from "../conversation/window.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Summary, SummaryLine } from "../domain/summary.ts";

/** Shows what is remembered of a conversation, and lets a person pin or remove a line of the summary. */
export const memory: CommandRunner = {
  definition: {
    name: "memory",
    description: "Show what I remember of this conversation",
    options: [],
    text: {
      name: "change",
      description: "pin 2, unpin 2 or remove 2: a line of the summary by its number",
      isRequired: false,
      pattern: /^(?:pin|unpin|remove)\s+\d{1,3}$/iu,
    },
    concerns: "conversation",
  },
  interrupts: false,
  needs: ({ text }) => (text === "" ? "read" : "own"),
  run: async (call) => (call.argument.text === "" ? show(call) : change(call)),
};

function show({ recollection, ports }: CommandCall): CommandResult {
  const { summary, leftOut, chapter } = recollection;
  const window = windowOf(recollection).filter(isForModel);
  const tokens = {
    instructions: ports.model.countTokens(ports.instructions),
    summary: (summary?.lines ?? []).reduce((sum, line) => sum + line.tokens, 0),
    window: window.reduce((sum, message) => sum + message.tokens, 0),
  };
  const oldest = window[0];
  const from = oldest === undefined ? "" : `, the oldest of ${momentOf(oldest.saidAtMs)}`;
  const lines = [
    `**Word for word**: the last ${window.length} messages${from} (${tokens.window} tokens).`,
    ...(summary === undefined
      ? ["**Summary**: none yet; everything is still here word for word."]
      : summaryLines(summary, tokens.summary)),
    ...(leftOut === 0
      ? []
      : [
          `**Left out** of the next answer for now: ${leftOut} messages between the two. They are in the archive, and are being summarised.`,
        ]),
    ...(chapter > 1
      ? [
          `**Before the last reset**: not used.${recollection.closed === undefined ? "" : " `/reset undo` brings it back within 24 hours."}`,
        ]
      : []),
    ...(recollection.erasing === undefined
      ? []
      : [
          `**Forgotten**: everything before ${momentOf(recollection.erasing.closed.closedAtMs)}. It is deleted for good ${momentOf(recollection.erasing.untilMs)}; \`forget undo\` brings it back before.`,
        ]),
    `**The next answer** will know all of this: about ${tokens.instructions + tokens.summary + tokens.window} tokens with my instructions (${tokens.instructions}), of ${tokens.instructions + ports.budget.highTokens} at most. Older messages I can look up (\`/recall <words>\`).`,
  ];
  return { say: lines.join("\n"), isShared: false };
}

function summaryLines(summary: Summary, tokens: number): readonly string[] {
  const dropped =
    summary.dropped === 0
      ? ""
      : ` ${summary.dropped} older lines had no room: their messages are in the archive.`;
  const state =
    summary.isStale === true ? " Something in it was changed or deleted, so it is being made anew." : "";
  const hint =
    summary.lines.length === 0 ? [] : ["`/memory pin 2` keeps a line, `/memory remove 2` takes one out."];
  return [
    `**Summary** of what was said before, made ${momentOf(summary.madeAtMs)} (${tokens} tokens).${dropped}${state}`,
    ...summary.lines.map(lineOf),
    ...hint,
  ];
}

function lineOf({ text, cites, isPinned }: SummaryLine, index: number): string {
  const links = cites.flatMap(({ permalink }) => (permalink === undefined ? [] : ` [↗](${permalink})`));
  return `${index + 1}. ${isPinned === true ? "📌 " : ""}${text}${links.slice(0, 3).join("")}`;
}

function change({ recollection, argument }: CommandCall): CommandResult {
  const [, verb = "", number = ""] = /^(\w+)\s+(\d+)$/u.exec(argument.text.toLowerCase()) ?? [];
  const { summary } = recollection;
  const index = Number(number) - 1;
  const line = summary?.lines[index];
  if (summary === undefined || line === undefined) {
    return {
      say: `The summary has no line ${number}. See \`/memory\`.`,
      isShared: false,
    };
  }
  const next =
    verb === "remove" ? withoutLine(summary, index, line) : withPin(summary, index, verb === "pin");
  const said = { remove: "Removed", pin: "Pinned", unpin: "Unpinned" }[verb] ?? "Done";
  return { say: `${said}: “${line.text}”`, isShared: false, recollection: changed(recollection, next) };
}

/** A fold that is under way has read the summary as it was. */
function changed(recollection: Recollection, summary: Summary): Recollection {
  return { ...recollection, base: recollection.base + 1, summary };
}

function withPin(summary: Summary, index: number, isPinned: boolean): Summary {
  const lines = summary.lines.map((line, at): SummaryLine => {
    if (at !== index) return line;
    const { isPinned: _, ...rest } = line;
    return isPinned ? { ...rest, isPinned } : rest;
  });
  return { ...summary, lines };
}

function withoutLine(summary: Summary, index: number, { cites }: SummaryLine): Summary {
  const unwanted = [...(summary.unwanted ?? []), ...cites.map(({ ordinal }) => ordinal)];
  return { ...summary, lines: summary.lines.toSpliced(index, 1), unwanted };
}

function momentOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
