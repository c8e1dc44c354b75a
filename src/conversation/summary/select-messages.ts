import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";

import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import { windowOf, promptCosts } from "../memory/window.ts";
import type { MessageToSummarize } from "./summary-input.ts";
import type { Budget } from "../memory/budget.ts";
import { currentMessages } from "../memory/chapters.ts";
import { isForModel } from "../memory/remembered-message.ts";

interface SelectionPorts {
  readonly archive: Archive;
  readonly budget: Budget;
}

/** A summary that is made anew looks back so many prompts at most: what is older stays in the ledger only. */
const maxPrompts = 4;
const pageSize = 500;

/** What a fold is to take in, oldest first, and up to where; `skipped`: how many are too old to be told again. */
export async function selectMessages(
  { archive, budget }: SelectionPorts,
  memory: ConversationMemory,
  signal: AbortSignal,
): Promise<{
  readonly messagesToSummarize: readonly MessageToSummarize[];
  readonly upTo: number;
  readonly skipped: number;
}> {
  const { conversation, since, summary, windowFrom, leftOut } = memory;
  const isAnew = summary?.isStale === true;
  const from = isAnew ? 1 : (summary?.upTo ?? (leftOut > 0 ? 1 : windowFrom));
  const upTo =
    isAnew && !isOverLow(memory, budget) ? Math.max(windowFrom, from) : newWindowFrom(memory, budget);
  const remembered = currentMessages(memory).filter(({ ordinal }) => ordinal >= from && ordinal < upTo);
  const known = new Set(remembered.map(({ id }) => id));
  const isAllHere = !isAnew && windowFrom <= from;
  const filed = isAllHere
    ? []
    : await archive.read(
        { conversation, fromOrdinal: from, beforeOrdinal: upTo, limit: pageSize * maxPrompts, end: "last" },
        signal,
      );
  const older = applyPendingChanges(memory, filed).filter(
    ({ id, chapter }) => !known.has(id) && chapter >= since,
  );
  const unwanted = new Set(summary?.unwanted);
  const all = [...older, ...remembered]
    .filter((message) => isForModel(message) && !unwanted.has(message.ordinal))
    .toSorted((a, b) => a.ordinal - b.ordinal);
  const messagesToSummarize = newestWithin(all, budget.highTokens * maxPrompts);
  return { messagesToSummarize, upTo, skipped: all.length - messagesToSummarize.length };
}

function isOverLow(memory: ConversationMemory, budget: Budget): boolean {
  return windowOf(memory).reduce((sum, { tokens }) => sum + tokens, 0) > budget.summarizeAboveTokens;
}

/** Where the window begins when it is down to the low mark. */
function newWindowFrom(memory: ConversationMemory, { lowTokens }: Budget): number {
  let { windowFrom } = memory;
  const window = promptCosts(windowOf(memory), { lowTokens });
  let tokens = window.reduce((sum, each) => sum + each.tokens, 0);
  for (const { message, tokens: taken } of window) {
    if (tokens <= lowTokens) break;
    tokens -= taken;
    windowFrom = message.ordinal + 1;
  }
  return windowFrom;
}

/** About three characters are a token; this bounds a cost, it fills no prompt. */
function newestWithin(
  messages: readonly MessageToSummarize[],
  maxTokens: number,
): readonly MessageToSummarize[] {
  let left = maxTokens * 3;
  const first = messages.findLastIndex(({ text }) => (left -= text.length) < 0);
  return messages.slice(first + 1);
}
