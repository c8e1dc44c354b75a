import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Recollection } from "../../domain/conversation-memory.ts";
import type { Ledger } from "../../ports/archive.ts";
import { asItReads } from "../../domain/as-it-reads.ts";
import { pagesOf } from "./paginate.ts";

/** A message of a conversation, wherever it is kept. */
export type HistoryMessage = Omit<RememberedMessage, "tokens">;

/**
 * A whole conversation, oldest first, as it reads now: what the ledger has, and what it does not have yet. `fromMs`: only
 * what was said since then. `since`: only from that chapter on. @throws {LedgerError}
 */
export async function readHistory(
  ledger: Ledger,
  recollection: Recollection,
  { since = 1, fromMs = 0 }: { readonly since?: number; readonly fromMs?: number },
  signal: AbortSignal,
): Promise<readonly HistoryMessage[]> {
  const { conversation, messages } = recollection;
  const forgottenBelow = recollection.erasing?.beforeOrdinal ?? 0;
  const known = new Set(messages.map(({ id }) => id));
  const all: HistoryMessage[] = [];
  for await (const page of pagesOf(ledger, { conversation, fromMs }, signal))
    all.push(...asItReads(recollection, page).filter(({ id }) => !known.has(id)));
  return [...all, ...messages.filter(({ saidAtMs }) => saidAtMs >= fromMs)]
    .filter(({ chapter, ordinal }) => chapter >= since && ordinal >= forgottenBelow)
    .toSorted((a, b) => a.ordinal - b.ordinal);
}
