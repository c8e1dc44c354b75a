import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationLocation } from "../../domain/archive.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Eviction } from "../../ports/eviction.ts";
import type { Log } from "../../ports/log.ts";

/** After this long without activity, only the archive keeps a conversation. */
const evictAfterMs = 21 * 86_400_000;
const pageSize = 200;

export interface EvictPorts {
  readonly archivedConversations: Pick<ArchivedConversations, "findConversation">;
  readonly eviction: Eviction;
  readonly platforms: ReadonlyMap<string, unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Evicts conversations without activity for weeks from the hot store; the next message restores them. Keeps those with
 * waiting entries, a running turn or a pending sync. @throws {ArchiveError}, {StoreError}
 */
export async function evictInactive(ports: EvictPorts, signal: AbortSignal): Promise<void> {
  const { eviction, platforms, clock, log } = ports;
  const beforeMs = clock.nowMs() - evictAfterMs;
  let count = 0;
  for (const platform of platforms.keys()) {
    for (let skip = 0; ;) {
      const inactive = await eviction.inactive(platform, beforeMs, { skip, limit: pageSize }, signal);
      const evicted = await evictPage(ports, inactive, beforeMs, signal);
      count += evicted;
      // Conversations that stayed come first in the next page too.
      skip += inactive.length - evicted;
      if (inactive.length < pageSize) break;
    }
  }
  if (count > 0) log.info({ conversations: count }, "evicted inactive conversations; the archive keeps them");
}

async function evictPage(
  ports: EvictPorts,
  inactive: readonly ConversationLocation[],
  beforeMs: number,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const { conversation } of inactive)
    if (await evictConversation(ports, conversation, beforeMs, signal)) count += 1;
  return count;
}

/** Evicts one conversation. Returns whether it was evicted. @throws {ArchiveError}, {StoreError} */
export async function evictConversation(
  { archivedConversations, eviction }: Pick<EvictPorts, "archivedConversations" | "eviction">,
  conversation: ConversationKey,
  beforeMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { head } = (await archivedConversations.findConversation(conversation, signal)) ?? {};
  const revision = head?.memory.revision ?? 0;
  const listing = head?.listing;
  const synced = { conversation, revision, ...(listing === undefined ? {} : { listing }) };
  return eviction.evict(synced, beforeMs, signal);
}
