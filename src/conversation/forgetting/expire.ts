import type { ConversationKey } from "../../domain/conversation.ts";
import type { OldLocation } from "../../domain/archive.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { DeadLetters } from "../../ports/dead-letters.ts";
import type { Eviction } from "../../ports/eviction.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Settings } from "../../ports/settings.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";

const dayMs = 86_400_000;
const pageSize = 1_000;

export interface ExpirePorts {
  readonly archive: Archive;
  readonly archivedConversations: ArchivedConversations;
  readonly accept: Accept;
  readonly deadLetters: DeadLetters;
  readonly archivedMarks: ArchivedMarks;
  readonly eviction: Eviction;
  readonly files: FileStore;
  readonly platforms: ReadonlyMap<string, unknown>;
  readonly clock: Clock;
  readonly settings: Pick<Settings, "longestRetentionDays">;
}

/**
 * Removes what no place keeps any more from every store, by one time for all: with a time for each place, the job would
 * read what the others keep, again and again. Where a place keeps less, its turns remove the rest from memory (nextMemory);
 * the archive keeps it until then. Working memories come first, each through the inbox of its conversation; the archive comes
 * last, because its rows say which conversations are affected. Idempotent. The cost grows with the messages removed.
 * @throws any error of its ports.
 */
export async function expire(ports: ExpirePorts, signal: AbortSignal): Promise<void> {
  const { archive, archivedConversations, deadLetters, eviction, files, clock, settings } = ports;
  const beforeMs = clock.nowMs() - settings.longestRetentionDays * dayMs;
  for (const { reference, atMs } of await deadLetters.list(signal))
    if (atMs < beforeMs) await deadLetters.drop(reference, signal);
  await eviction.expire(beforeMs, signal);
  await expireSilent(ports, beforeMs, signal);
  await expireArchived(ports, beforeMs, signal);
  await archive.expire(beforeMs, signal);
  await files.expire(beforeMs, signal);
  for (let gone: readonly ConversationKey[] = []; ;) {
    gone = await archivedConversations.expireHeads(beforeMs, pageSize, signal);
    await eviction.unmark(gone, signal);
    if (gone.length < pageSize) return;
  }
}

/** Conversations with nothing but old messages in working memory, whether the archive still has them or not. */
async function expireSilent(ports: ExpirePorts, beforeMs: number, signal: AbortSignal): Promise<void> {
  const { eviction, platforms } = ports;
  for (const platform of platforms.keys()) {
    for (let skip = 0; ; skip += pageSize) {
      const silent = await eviction.inactive(platform, beforeMs, { skip, limit: pageSize }, signal);
      for (const location of silent) await enqueueExpiry(ports, location, beforeMs, signal);
      if (silent.length < pageSize) break;
    }
  }
}

/** Conversations with old messages in the archive. Wholly old ones that are only in the archive need no inbound. */
async function expireArchived(ports: ExpirePorts, beforeMs: number, signal: AbortSignal): Promise<void> {
  const { archive, archivedMarks } = ports;
  for (let after: string | undefined; ;) {
    const old = await archive.olderThan(
      { beforeMs, limit: pageSize, ...(after === undefined ? {} : { after }) },
      signal,
    );
    const keys = old.locations.map(({ conversation }) => conversation);
    const evicted = new Set(await archivedMarks.missing(keys, signal));
    for (const location of old.locations)
      if (!isWhollyExpired(location, evicted, beforeMs))
        await enqueueExpiry(ports, location, beforeMs, signal);
    if (old.next === undefined) return;
    after = old.next;
  }
}

function isWhollyExpired(
  { conversation, lastAtMs }: OldLocation,
  evicted: ReadonlySet<ConversationKey>,
  beforeMs: number,
): boolean {
  return evicted.has(conversation) && lastAtMs !== undefined && lastAtMs < beforeMs;
}

async function enqueueExpiry(
  { accept }: ExpirePorts,
  { conversation, platform, place }: OldLocation,
  beforeMs: number,
  signal: AbortSignal,
): Promise<void> {
  const dedupeId = `expired:${conversation}:${beforeMs}`;
  await accept({ kind: "expired", conversation, dedupeId, platform, place, beforeMs }, signal);
}
