import type { ConversationKey } from "../../domain/conversation.ts";
import type { OldLocation } from "../../domain/archive.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { DeadLetters } from "../../ports/dead-letters.ts";
import type { Eviction } from "../../ports/eviction.ts";
import type { Archive } from "../../ports/archive.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";

const dayMs = 86_400_000;
const atOnce = 1_000;

export interface ExpirePorts {
  readonly archive: Archive;
  readonly archivedConversations: ArchivedConversations;
  readonly accept: Accept;
  readonly deadLetters: DeadLetters;
  readonly archivedMarks: ArchivedMarks;
  readonly eviction: Eviction;
  readonly platforms: ReadonlyMap<string, unknown>;
  readonly clock: Clock;
  /** RETENTION_DAYS. */
  readonly retentionDays: number;
}

/**
 * Removes what was said longer ago than the operator wants to keep, from every store. Working memories first, each through
 * the inbox of its conversation; then the archive, whose rows say which conversations are meant. Interrupted, it does the
 * same again. Grows with what goes, not with what stays. @throws whatever its ports throw.
 */
export async function expire(ports: ExpirePorts, signal: AbortSignal): Promise<void> {
  const { archive, archivedConversations, deadLetters, eviction, clock, retentionDays } = ports;
  const beforeMs = clock.nowMs() - retentionDays * dayMs;
  for (const { reference, atMs } of await deadLetters.list(signal))
    if (atMs < beforeMs) await deadLetters.drop(reference, signal);
  await eviction.expire(beforeMs, signal);
  await tellSilent(ports, beforeMs, signal);
  await tellArchived(ports, beforeMs, signal);
  await archive.expire(beforeMs, signal);
  for (let gone: readonly ConversationKey[] = []; ;) {
    gone = await archivedConversations.expireHeads(beforeMs, atOnce, signal);
    await eviction.unmark(gone, signal);
    if (gone.length < atOnce) return;
  }
}

/** All that their memories hold is too old, whether the archive still has it or not. */
async function tellSilent(ports: ExpirePorts, beforeMs: number, signal: AbortSignal): Promise<void> {
  const { eviction, platforms } = ports;
  for (const platform of platforms.keys()) {
    for (let skip = 0; ; skip += atOnce) {
      const silent = await eviction.silent(platform, beforeMs, { skip, limit: atOnce }, signal);
      for (const location of silent) await tell(ports, location, beforeMs, signal);
      if (silent.length < atOnce) break;
    }
  }
}

/** What rests, and is wholly too old, goes from the archive without being told. */
async function tellArchived(ports: ExpirePorts, beforeMs: number, signal: AbortSignal): Promise<void> {
  const { archive, archivedMarks } = ports;
  for (let after: string | undefined; ;) {
    const old = await archive.olderThan(
      { beforeMs, limit: atOnce, ...(after === undefined ? {} : { after }) },
      signal,
    );
    const keys = old.locations.map(({ conversation }) => conversation);
    const absent = new Set(await archivedMarks.missing(keys, signal));
    for (const location of old.locations)
      if (!isOver(location, absent, beforeMs)) await tell(ports, location, beforeMs, signal);
    if (old.next === undefined) return;
    after = old.next;
  }
}

function isOver(
  { conversation, lastAtMs }: OldLocation,
  absent: ReadonlySet<ConversationKey>,
  beforeMs: number,
): boolean {
  return absent.has(conversation) && lastAtMs !== undefined && lastAtMs < beforeMs;
}

async function tell(
  { accept }: ExpirePorts,
  { conversation, platform, place }: OldLocation,
  beforeMs: number,
  signal: AbortSignal,
): Promise<void> {
  const dedupeId = `expired:${conversation}:${beforeMs}`;
  await accept({ kind: "expired", conversation, dedupeId, platform, place, beforeMs }, signal);
}
