import type { ConversationKey } from "../../domain/conversation.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Summary, SummaryLine } from "../../domain/summary.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Locks } from "../../ports/locks.ts";
import type { Log } from "../../ports/log.ts";
import type { UsageCounters } from "../../ports/usage.ts";
import type { Memory } from "../../ports/memory.ts";
import { ModelError, type Model } from "../../ports/model.ts";
import { verifySummary, verbatimLines } from "./verify-summary.ts";
import { misattributed } from "./verify-speakers.ts";
import { takeThatFits, withRoom } from "../prompt/fit-items.ts";
import { summaryPrompt, messageText, readLines } from "./summary-prompt.ts";
import type { CountTokens } from "../memory/append.ts";
import { selectMessages } from "./select-messages.ts";
import { survivable } from "./crash-guard.ts";
import { markTokens, timedAmong, zoneIn } from "../text/time-marks.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import type { Payer } from "../usage/counted-model.ts";
import { needsSummary, type Budget } from "../memory/window.ts";
import { yielding } from "../async/yielding.ts";
import { type SpendingLimits, LimitError } from "../usage/limits.ts";
import type { MessageToSummarize, SummaryInput, WrittenLine } from "./summary-input.ts";

export interface SummaryPorts {
  readonly memories: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  readonly archive: Archive;
  readonly model: Model;
  readonly usage: UsageCounters;
  readonly limits: SpendingLimits;
  readonly accept: Accept;
  readonly locks: Locks;
  readonly clock: Clock;
  /** Of the times in prompts, where no platform tells another. */
  readonly timeZone: TimeZone;
  readonly log: Log;
  readonly budget: Budget;
}

/** How often the model is asked for better lines before what it lost is added word for word. */
const mostTries = 2;

/**
 * Folds what is to leave the window into the summary, or makes a summary anew that something was taken from. The result
 * goes through the inbox, and is dropped there when memory has changed meanwhile. Resolves to whether there was
 * anything to do; `tomorrow`: there is, and a limit of the day is reached. @throws {ModelError}, {MemoryError}, {LedgerError}, {InboxError}, {StoreError}.
 */
export async function summarize(
  ports: SummaryPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean | "tomorrow"> {
  await using lock = await ports.locks.tryLock(`fold:${conversation}`, signal);
  // Another replica folds it. What comes of that is taken by a turn, which asks again where more is to be done.
  if (lock === undefined) return false;
  const { memory } = await ports.memories.read(conversation, signal);
  if (memory === undefined || !needsSummary(memory, ports.budget)) return false;
  if (await isSummaryWaiting(ports, conversation, signal)) return false;
  // Awaited here: returning ends the lock.
  return await summarizeNow(ports, memory, signal);
}

async function summarizeNow(
  ports: SummaryPorts,
  memory: ConversationMemory,
  signal: AbortSignal,
): Promise<boolean | "tomorrow"> {
  const { conversation, platform, place, base } = memory;
  const { messagesToSummarize, upTo, skipped } = await selectMessages(ports, memory, signal);
  const isAnew = memory.summary?.isStale === true;
  if (messagesToSummarize.length === 0 && !isAnew && upTo <= (memory.summary?.upTo ?? 1)) return false;
  const summarizing = (): Promise<readonly SummaryLine[]> =>
    summarizeInParts(ports, memory, messagesToSummarize, signal);
  const lines = await survivable(ports, conversation, summarizing, signal).catch(noneBeyondLimits);
  // No more of it today: what leaves the window is left out until there is a summary again.
  if (lines === undefined) return "tomorrow";
  const dropped = skipped + (isAnew ? 0 : (memory.summary?.dropped ?? 0));
  const summary: Summary = {
    ...fitLines(lines, ports.budget.summaryTokens, dropped),
    upTo,
    madeAtMs: ports.clock.nowMs(),
    ...unwantedIn(memory),
  };
  const dedupeId = `folded:${conversation}:${base}:${upTo}:${summary.madeAtMs}`;
  await ports.accept({ kind: "folded", conversation, dedupeId, platform, place, base, summary }, signal);
  const told = {
    messages: messagesToSummarize.length,
    lines: summary.lines.length,
    dropped: summary.dropped,
  };
  ports.log.info(told, "folded");
  return true;
}

function noneBeyondLimits(error: unknown): undefined {
  if (error instanceof LimitError) return undefined;
  throw error;
}

function unwantedIn({ summary }: ConversationMemory): Pick<Summary, "unwanted"> {
  return summary?.unwanted === undefined ? {} : { unwanted: summary.unwanted };
}

/** It is folded already, and the fold has not had its turn yet: a second one would cost the same again. */
async function isSummaryWaiting(
  { inbox }: SummaryPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = await inbox.waiting(conversation, signal);
  return waiting.some(({ inbound }) => inbound.kind === "folded");
}

/** As many messages at a time as a prompt holds; each part goes on from the lines of the one before. */
async function summarizeInParts(
  ports: SummaryPorts,
  { conversation, platform, place, summary, speakers: known }: ConversationMemory,
  messagesToSummarize: readonly MessageToSummarize[],
  signal: AbortSignal,
): Promise<readonly SummaryLine[]> {
  const timeZone = zoneIn({ speakers: known }, ports.timeZone);
  let lines: readonly SummaryLine[] = summary?.lines ?? [];
  let rest = messagesToSummarize;
  while (rest.length > 0) {
    const done = await withRoom(ports.budget, async (room) => {
      const summaryTokens = Math.min(ports.budget.summaryTokens, Math.floor(room * 0.4));
      const previous = fitLines(lines, summaryTokens, 0).lines;
      const speakers = known.map(({ label }) => label);
      const input = { conversation, previous, speakers, messagesToSummarize: [], timeZone };
      const left = await roomBeside(ports, input, room);
      const taken = await takeThatFits(rest, left, messageTokensWith(ports.model, rest));
      const payer = { conversation, platform, place };
      const written = await summarizeOnce(
        ports,
        payer,
        { ...input, messagesToSummarize: taken.part },
        signal,
      );
      // What had no room is in the ledger, and stays out of this fold.
      return { lines: [...lines.slice(0, lines.length - previous.length), ...written], rest: taken.rest };
    });
    ({ lines, rest } = done);
  }
  return lines;
}

/** What a fold's prompt has room for beside the lines so far; a quarter of it is kept for why a fold was refused. */
async function roomBeside(
  { model, budget }: SummaryPorts,
  input: SummaryInput,
  room: number,
): Promise<number> {
  const { instructions, messages } = await summaryPrompt(input, budget.summaryTokens, []);
  const taken = [instructions, ...messages.map(({ text }) => text)].map(model.countTokens);
  const left = taken.reduce((sum, tokens) => sum - tokens, room);
  return Math.floor(Math.max(left, room / 4) * 0.75);
}

async function summarizeOnce(
  ports: SummaryPorts,
  payer: Payer,
  input: SummaryInput,
  signal: AbortSignal,
): Promise<readonly SummaryLine[]> {
  const { log, budget, model } = ports;
  let faults: readonly string[] = [];
  for (let tries = 1; ; tries += 1) {
    const prompt = await summaryPrompt(input, budget.summaryTokens, faults);
    const answer = await answerTo(ports, payer, prompt, signal);
    const written = readLines(answer, input);
    const checked = await verifySummary(written, input, model.countTokens);
    if (checked.forModel.length === 0) return linesFrom(written, input, model.countTokens);
    log.warn({ faults: checked.forLog, tries }, "a fold was refused");
    if (tries === mostTries) return repaired(written, input, model.countTokens);
    faults = checked.forModel;
  }
}

function messageTokensWith(
  { countTokens }: Model,
  messages: readonly MessageToSummarize[],
): (message: MessageToSummarize) => number {
  const timed = new Set(Array.from(timedAmong(messages), ({ ordinal }) => ordinal));
  return (message) => countTokens(messageText(message)) + 1 + (timed.has(message.ordinal) ? markTokens : 0);
}

/** No words are a bad fold too, also where the provider will not write them: no reason to give up. */
async function answerTo(
  ports: SummaryPorts,
  payer: Payer,
  prompt: Prompt,
  signal: AbortSignal,
): Promise<string> {
  try {
    return (await askWithinLimits(ports, payer, { prompt, asking: {} }, signal)).text;
  } catch (error) {
    if (error instanceof ModelError && (error.kind === "empty" || error.kind === "refused")) return "";
    throw error;
  }
}

/** What is right of a fold, with what it lost word for word: a fold always ends. */
async function repaired(
  written: readonly WrittenLine[],
  input: SummaryInput,
  countTokens: CountTokens,
): Promise<readonly SummaryLine[]> {
  const wrong = new Set(await misattributed(written, input));
  const cited = written.filter((line) => line.cites.length > 0 && !wrong.has(line));
  const { forLog } = await verifySummary(cited, input, countTokens);
  const kept = forLog.includes("too long") ? [] : cited;
  const { lost } = await verifySummary(kept, input, countTokens);
  return linesFrom([...kept, ...(await verbatimLines(lost, input))], input, countTokens);
}

async function linesFrom(
  written: readonly WrittenLine[],
  { previous }: SummaryInput,
  countTokens: CountTokens,
): Promise<readonly SummaryLine[]> {
  const pause = yielding();
  const pinned = new Set(previous.filter(({ isPinned }) => isPinned).map(({ text }) => text));
  const byText = new Map(written.map((line) => [line.text, line]));
  const isPinned = true;
  const lines: SummaryLine[] = [];
  for (const { text, cites } of byText.values()) {
    const line = { text, cites, tokens: countTokens(`- ${text}\n`) };
    lines.push(pinned.has(text) ? { ...line, isPinned } : line);
    await pause();
  }
  return lines.toSorted((a, b) => (a.cites[0]?.ordinal ?? 0) - (b.cites[0]?.ordinal ?? 0));
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
