import type { ConversationKey } from "../domain/conversation.ts";
import type { Prompt } from "../domain/prompt.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Summary, SummaryLine } from "../domain/summary.ts";
import type { Accept } from "../ports/accept.ts";
import type { Clock } from "../ports/clock.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Memory } from "../ports/memory.ts";
import { ModelError, type Model } from "../ports/model.ts";
import { askModel } from "./ask-model.ts";
import { checkFold, verbatimLines } from "./check-fold.ts";
import { foldPrompt, readLines, type FoldInput, type Leaving, type WrittenLine } from "./fold-text.ts";
import type { CountTokens } from "./recollect.ts";
import { leavingFrom } from "./leaving.ts";
import { needsFold, type Budget } from "./window.ts";

export interface FoldPorts {
  readonly memory: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  readonly ledger: Ledger;
  readonly model: Model;
  readonly accept: Accept;
  readonly clock: Clock;
  readonly log: Log;
  readonly budget: Budget;
}

/** How often the model is asked for better lines before what it lost is added word for word. */
const mostTries = 2;

/**
 * Folds what is to leave the window into the summary, or makes a summary anew that something was taken from. The result
 * goes through the inbox, and is dropped there when memory has changed meanwhile. Resolves to whether there was
 * anything to do. @throws {ModelError}, {MemoryError}, {LedgerError}, {InboxError}.
 */
export async function fold(
  ports: FoldPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const { recollection } = await ports.memory.recall(conversation, signal);
  if (recollection === undefined || !needsFold(recollection, ports.budget)) return false;
  if (await isFoldWaiting(ports, conversation, signal)) return false;
  const { leaving, upTo, skipped } = await leavingFrom(ports, recollection, signal);
  const isAnew = recollection.summary?.isStale === true;
  if (leaving.length === 0 && !isAnew && upTo <= (recollection.summary?.upTo ?? 1)) return false;
  const lines = await foldInParts(ports, recollection, leaving, signal);
  const summary: Summary = {
    ...fitLines(
      lines,
      ports.budget.summaryTokens,
      skipped + (isAnew ? 0 : (recollection.summary?.dropped ?? 0)),
    ),
    upTo,
    madeAtMs: ports.clock.nowMs(),
    ...unwantedIn(recollection),
  };
  await ports.accept(
    {
      kind: "folded",
      conversation,
      dedupeId: `folded:${conversation}:${recollection.base}:${upTo}:${summary.madeAtMs}`,
      platform: recollection.platform,
      place: recollection.place,
      base: recollection.base,
      summary,
    },
    signal,
  );
  ports.log.info(
    { messages: leaving.length, lines: summary.lines.length, dropped: summary.dropped },
    "folded",
  );
  return true;
}

function unwantedIn({ summary }: Recollection): Pick<Summary, "unwanted"> {
  return summary?.unwanted === undefined ? {} : { unwanted: summary.unwanted };
}

/** It is folded already, and the fold has not had its turn yet: a second one would cost the same again. */
async function isFoldWaiting(
  { inbox }: FoldPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = await inbox.waiting(conversation, signal);
  return waiting.some(({ inbound }) => inbound.kind === "folded");
}

/** As many messages at a time as a prompt holds; each part goes on from the lines of the one before. */
async function foldInParts(
  ports: FoldPorts,
  { conversation, summary }: Recollection,
  leaving: readonly Leaving[],
  signal: AbortSignal,
): Promise<readonly SummaryLine[]> {
  let lines: readonly SummaryLine[] = summary?.lines ?? [];
  for (const part of partsOf(leaving, ports)) {
    const previous = fitLines(lines, ports.budget.summaryTokens, 0).lines;
    // What had no room is in the ledger, and stays out of this fold.
    const out = lines.slice(0, lines.length - previous.length);
    lines = [...out, ...(await foldOnce(ports, { conversation, previous, leaving: part }, signal))];
  }
  return lines;
}

function partsOf(leaving: readonly Leaving[], { budget, model }: FoldPorts): readonly (readonly Leaving[])[] {
  const parts: Leaving[][] = [];
  let tokens = Infinity;
  for (const message of leaving) {
    const each = Math.min(model.countTokens(message.text) + 10, budget.lowTokens);
    if (tokens + each > budget.highTokens - budget.summaryTokens) {
      parts.push([]);
      tokens = 0;
    }
    tokens += each;
    parts.at(-1)?.push(message);
  }
  return parts;
}

async function foldOnce(
  ports: FoldPorts,
  input: FoldInput,
  signal: AbortSignal,
): Promise<readonly SummaryLine[]> {
  const { model, log, budget } = ports;
  let faults: readonly string[] = [];
  for (let tries = 1; ; tries += 1) {
    const answer = await answerTo(model, foldPrompt(input, budget.summaryTokens, faults), signal);
    const written = readLines(answer, input);
    const checked = checkFold(written, input, model.countTokens);
    if (checked.forModel.length === 0) return linesFrom(written, input, model.countTokens);
    log.warn({ faults: checked.forLog, tries }, "a fold was refused");
    if (tries === mostTries) return mended(written, input, model.countTokens);
    faults = checked.forModel;
  }
}

/** No words are a bad fold too, and no reason to give up. */
async function answerTo(model: Model, prompt: Prompt, signal: AbortSignal): Promise<string> {
  try {
    return (await askModel(model, prompt, {}, signal)).text;
  } catch (error) {
    if (error instanceof ModelError && error.kind === "empty") return "";
    throw error;
  }
}

/** What is right of a fold, with what it lost word for word: a fold always ends. */
function mended(
  written: readonly WrittenLine[],
  input: FoldInput,
  countTokens: CountTokens,
): readonly SummaryLine[] {
  const cited = written.filter(({ cites }) => cites.length > 0);
  const isTooLong = checkFold(cited, input, countTokens).forLog.includes("too long");
  const kept = isTooLong ? [] : cited;
  return linesFrom([...kept, ...verbatimLines(checkFold(kept, input, countTokens).lost)], input, countTokens);
}

function linesFrom(
  written: readonly WrittenLine[],
  { previous }: FoldInput,
  countTokens: CountTokens,
): readonly SummaryLine[] {
  const pinned = new Set(previous.filter(({ isPinned }) => isPinned).map(({ text }) => text));
  const byText = new Map(written.map((line) => [line.text, line]));
  const isPinned = true;
  return [...byText.values()]
    .flatMap(({ text, cites }): SummaryLine[] => {
      const line = { text, cites, tokens: countTokens(`- ${text}\n`) };
      return [pinned.has(text) ? { ...line, isPinned } : line];
    })
    .toSorted((a, b) => (a.cites[0]?.ordinal ?? 0) - (b.cites[0]?.ordinal ?? 0));
}

/** Beyond the cap the oldest lines stay in the ledger only; pinned ones leave last. */
function fitLines(
  lines: readonly SummaryLine[],
  maxTokens: number,
  dropped: number,
): Pick<Summary, "lines" | "dropped"> {
  const kept = [...lines];
  let tokens = kept.reduce((sum, line) => sum + line.tokens, 0);
  while (tokens > maxTokens && kept.length > 0) {
    const free = kept.findIndex(({ isPinned }) => isPinned !== true);
    const [gone] = kept.splice(Math.max(0, free), 1);
    tokens -= gone?.tokens ?? 0;
  }
  return { lines: kept, dropped: dropped + lines.length - kept.length };
}
