import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";

import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import { windowOf, promptCosts } from "../memory/window.ts";
import type { MessageToSummarize } from "./summary-input.ts";
import { currentMessages } from "../memory/chapters.ts";
import { isForModel } from "../memory/remembered-message.ts";
import type { Budget } from "../../domain/budget.ts";

interface SelectionPorts {
  readonly archive: Archive;
  readonly budget: Budget;
}

/** A rewritten summary covers at most this many prompts. Older messages stay in the archive only. */
const maxPrompts = 4;
const pageSize = 500;

/** Selects the messages to summarize, oldest first. `upTo`: the ordinal at which the window begins afterwards. `skipped`: number of messages too old to cover. */
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
  const isRewrite = summary?.isStale === true;
  const from = isRewrite ? 1 : (summary?.upTo ?? (leftOut > 0 ? 1 : windowFrom));
  const upTo =
    isRewrite && !isOverLow(memory, budget) ? Math.max(windowFrom, from) : newWindowFrom(memory, budget);
  const remembered = currentMessages(memory).filter(({ ordinal }) => ordinal >= from && ordinal < upTo);
  const known = new Set(remembered.map(({ id }) => id));
  const isAllHere = !isRewrite && windowFrom <= from;
  const archived = isAllHere
    ? []
    : await archive.read(
        { conversation, fromOrdinal: from, beforeOrdinal: upTo, limit: pageSize * maxPrompts, end: "last" },
        signal,
      );
  const older = applyPendingChanges(memory, archived).filter(
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

/** First ordinal of the window once it is cut to `lowTokens`. */
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

/** The newest messages within a rough limit (3 characters per token). It only bounds the cost. */
function newestWithin(
  messages: readonly MessageToSummarize[],
  maxTokens: number,
): readonly MessageToSummarize[] {
  let left = maxTokens * 3;
  const first = messages.findLastIndex(({ text }) => (left -= text.length) < 0);
  return messages.slice(first + 1);
}
