import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";
import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import { paginate } from "./paginate.ts";

/** A message of a conversation, wherever it is kept. */
export type HistoryMessage = Omit<RememberedMessage, "tokens">;

/**
 * A whole conversation, oldest first, as it reads now: what the ledger has, and what it does not have yet. `fromMs`: only
 * what was said since then. `since`: only from that chapter on. @throws {ArchiveError}
 */
export async function readHistory(
  archive: Archive,
  memory: ConversationMemory,
  { since = 1, fromMs = 0 }: { readonly since?: number; readonly fromMs?: number },
  signal: AbortSignal,
): Promise<readonly HistoryMessage[]> {
  const { conversation, messages } = memory;
  const forgottenBelow = memory.erasing?.beforeOrdinal ?? 0;
  const known = new Set(messages.map(({ id }) => id));
  const all: HistoryMessage[] = [];
  for await (const page of paginate(archive, { conversation, fromMs }, signal))
    all.push(...applyPendingChanges(memory, page).filter(({ id }) => !known.has(id)));
  return [...all, ...messages.filter(({ saidAtMs }) => saidAtMs >= fromMs)]
    .filter(({ chapter, ordinal }) => chapter >= since && ordinal >= forgottenBelow)
    .toSorted((a, b) => a.ordinal - b.ordinal);
}
