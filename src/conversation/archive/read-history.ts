import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";
import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import { paginate } from "./paginate.ts";

/** A message from memory or from the archive. */
export type HistoryMessage = Omit<RememberedMessage, "tokens">;

/**
 * The whole conversation as it reads now, oldest first, from the archive and memory. `fromMs`: only messages since then.
 * `since`: only from this chapter on. Time and space grow with the conversation. @throws {ArchiveError}
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
