import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationLocation } from "../../domain/archive.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Eviction } from "../../ports/eviction.ts";
import type { Log } from "../../ports/log.ts";

/** How long a conversation is silent before only the archive keeps it. */
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
 * Lets conversations that were silent for weeks leave the hot store; they come back when someone speaks. Where something
 * waits, runs, or is not synced, nothing is removed. @throws {ArchiveError}, {StoreError}
 */
export async function evictInactive(ports: EvictPorts, signal: AbortSignal): Promise<void> {
  const { eviction, platforms, clock, log } = ports;
  const beforeMs = clock.nowMs() - evictAfterMs;
  let count = 0;
  for (const platform of platforms.keys()) {
    for (let skip = 0; ;) {
      const silent = await eviction.inactive(platform, beforeMs, { skip, limit: pageSize }, signal);
      const left = await evictPage(ports, silent, beforeMs, signal);
      count += left;
      // Those that stayed are at the beginning of the next part too.
      skip += silent.length - left;
      if (silent.length < pageSize) break;
    }
  }
  if (count > 0) log.info({ conversations: count }, "conversations rest in the archive");
}

async function evictPage(
  ports: EvictPorts,
  silent: readonly ConversationLocation[],
  beforeMs: number,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const { conversation } of silent)
    if (await evictConversation(ports, conversation, beforeMs, signal)) count += 1;
  return count;
}

/** Whether a conversation has left the hot store. @throws {ArchiveError}, {StoreError} */
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
