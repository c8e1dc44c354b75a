import type { ConversationKey } from "../../domain/conversation.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { DelayedErasures } from "../../ports/delayed-erasures.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Log } from "../../ports/log.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";
import { isErasureUndone } from "../memory/undone-orders.ts";
import { delayedErasureOf } from "../memory/delayed-erasure.ts";

const pageSize = 1_000;
const concurrency = 20;

interface Ports {
  readonly archivedMarks: ArchivedMarks;
  readonly archivedConversations: Pick<ArchivedConversations, "keysAfter" | "findConversation">;
  /** The hot store's. */
  readonly memories: Pick<Memory, "read">;
  readonly delayedErasures: DelayedErasures;
  readonly log: Log;
}

/**
 * Marks in the hot store which conversations the archive has, and records their pending erasures. Does so once for a store
 * that is new, was emptied or was recovered. Until then no conversation counts as new. Time grows with the archive.
 * @throws {ArchiveError}, {StoreError}
 */
export async function markArchived(ports: Ports, signal: AbortSignal): Promise<void> {
  const { archivedMarks, archivedConversations, log } = ports;
  if (await archivedMarks.isComplete(signal)) return;
  let count = 0;
  for (let after = ""; ;) {
    const found = await archivedConversations.keysAfter(after, pageSize, signal);
    await archivedMarks.mark(found, signal);
    for (let at = 0; at < found.length; at += concurrency)
      await Promise.all(
        found.slice(at, at + concurrency).map((each) => recordPendingErasure(ports, each, signal)),
      );
    count += found.length;
    after = found.at(-1) ?? after;
    if (found.length < pageSize) break;
  }
  await archivedMarks.markComplete(signal);
  if (count > 0)
    log.warn(
      { conversations: count },
      "the store was empty or recovered; conversations come back from the archive",
    );
}

/** Restores the index of a delayed erasure, so that it is completed even if no one writes there again. */
async function recordPendingErasure(
  { archivedConversations, memories, delayedErasures }: Ports,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<void> {
  const { head } = (await archivedConversations.findConversation(conversation, signal)) ?? {};
  const archived = head?.memory.erasing;
  if (head === undefined || archived === undefined) return;
  // The store may still have a memory that knows more.
  const { memory: hot } = await memories.read(conversation, signal);
  const isUndone = hot !== undefined && isErasureUndone(hot, archived.closed.closedAtMs);
  const erasing = hot?.erasing ?? (isUndone ? undefined : archived);
  if (erasing !== undefined) await delayedErasures.put(delayedErasureOf(head.memory, erasing), signal);
}
