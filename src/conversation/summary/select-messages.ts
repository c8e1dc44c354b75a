import type { Recollection } from "../../domain/conversation-memory.ts";
import type { Ledger } from "../../ports/archive.ts";
import { currentMessages, isForModel } from "../memory/append.ts";
import { asItReads } from "../../domain/as-it-reads.ts";
import { windowOf, withCosts, type Budget } from "../memory/window.ts";
import type { Leaving } from "./summary-input.ts";

interface LeavingPorts {
  readonly ledger: Ledger;
  readonly budget: Budget;
}

/** A summary that is made anew looks back so many prompts at most: what is older stays in the ledger only. */
const mostPrompts = 4;
const pageSize = 500;

/** What a fold is to take in, oldest first, and up to where; `skipped`: how many are too old to be told again. */
export async function leavingFrom(
  { ledger, budget }: LeavingPorts,
  recollection: Recollection,
  signal: AbortSignal,
): Promise<{ readonly leaving: readonly Leaving[]; readonly upTo: number; readonly skipped: number }> {
  const { conversation, since, summary, windowFrom, leftOut } = recollection;
  const isAnew = summary?.isStale === true;
  const from = isAnew ? 1 : (summary?.upTo ?? (leftOut > 0 ? 1 : windowFrom));
  const upTo =
    isAnew && !isOverLow(recollection, budget)
      ? Math.max(windowFrom, from)
      : newWindowFrom(recollection, budget);
  const remembered = currentMessages(recollection).filter(({ ordinal }) => ordinal >= from && ordinal < upTo);
  const known = new Set(remembered.map(({ id }) => id));
  const isAllHere = !isAnew && windowFrom <= from;
  const filed = isAllHere
    ? []
    : await ledger.read(
        { conversation, fromOrdinal: from, beforeOrdinal: upTo, limit: pageSize * mostPrompts, end: "last" },
        signal,
      );
  const older = asItReads(recollection, filed).filter(
    ({ id, chapter }) => !known.has(id) && chapter >= since,
  );
  const unwanted = new Set(summary?.unwanted);
  const all = [...older, ...remembered]
    .filter((message) => isForModel(message) && !unwanted.has(message.ordinal))
    .toSorted((a, b) => a.ordinal - b.ordinal);
  const leaving = newestWithin(all, budget.highTokens * mostPrompts);
  return { leaving, upTo, skipped: all.length - leaving.length };
}

function isOverLow(recollection: Recollection, budget: Budget): boolean {
  return windowOf(recollection).reduce((sum, { tokens }) => sum + tokens, 0) > budget.foldTokens;
}

/** Where the window begins when it is down to the low mark. */
function newWindowFrom(recollection: Recollection, { lowTokens }: Budget): number {
  let { windowFrom } = recollection;
  const window = withCosts(windowOf(recollection), { lowTokens });
  let tokens = window.reduce((sum, each) => sum + each.tokens, 0);
  for (const { message, tokens: taken } of window) {
    if (tokens <= lowTokens) break;
    tokens -= taken;
    windowFrom = message.ordinal + 1;
  }
  return windowFrom;
}

/** About three characters are a token; this bounds a cost, it fills no prompt. */
function newestWithin(messages: readonly Leaving[], maxTokens: number): readonly Leaving[] {
  let left = maxTokens * 3;
  const first = messages.findLastIndex(({ text }) => (left -= text.length) < 0);
  return messages.slice(first + 1);
}
