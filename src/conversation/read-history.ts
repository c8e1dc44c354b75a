import type { RememberedMessage } from "../domain/recollection.ts";
import type { LedgerMessage } from "../domain/ledger.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Ledger } from "../ports/ledger.ts";
import { asItReads } from "../domain/as-it-reads.ts";

/** A message of a conversation, wherever it is kept. */
export type HistoryMessage = Omit<RememberedMessage, "tokens">;

const pageSize = 500;

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
  const known = new Set(messages.map(({ id }) => id));
  const all: HistoryMessage[] = [];
  for (let fromOrdinal = 1; ;) {
    const page: readonly LedgerMessage[] = await ledger.read(
      { conversation, fromOrdinal, fromMs, limit: pageSize },
      signal,
    );
    all.push(...asItReads(recollection, page).filter(({ id }) => !known.has(id)));
    if (page.length < pageSize) break;
    fromOrdinal = (page.at(-1)?.ordinal ?? 0) + 1;
  }
  return [...all, ...messages.filter(({ saidAtMs }) => saidAtMs >= fromMs)]
    .filter(({ chapter }) => chapter >= since)
    .toSorted((a, b) => a.ordinal - b.ordinal);
}
