import type { ConversationKey } from "../../domain/conversation.ts";
import type { OldHome } from "../../domain/archive.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ConversationArchive } from "../../ports/archived-conversations.ts";
import type { DeadLetters } from "../../ports/dead-letters.ts";
import type { Eviction } from "../../ports/eviction.ts";
import type { Ledger } from "../../ports/archive.ts";
import type { Resting } from "../../ports/archived-marks.ts";

const dayMs = 86_400_000;
const atOnce = 1_000;

export interface ExpirePorts {
  readonly ledger: Ledger;
  readonly archive: ConversationArchive;
  readonly accept: Accept;
  readonly deadLetters: DeadLetters;
  readonly resting: Resting;
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
  const { ledger, archive, deadLetters, eviction, clock, retentionDays } = ports;
  const beforeMs = clock.nowMs() - retentionDays * dayMs;
  for (const { reference, atMs } of await deadLetters.list(signal))
    if (atMs < beforeMs) await deadLetters.drop(reference, signal);
  await eviction.expire(beforeMs, signal);
  await tellSilent(ports, beforeMs, signal);
  await tellArchived(ports, beforeMs, signal);
  await ledger.expire(beforeMs, signal);
  for (let gone: readonly ConversationKey[] = []; ;) {
    gone = await archive.expireHeads(beforeMs, atOnce, signal);
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
      for (const home of silent) await tell(ports, home, beforeMs, signal);
      if (silent.length < atOnce) break;
    }
  }
}

/** What rests, and is wholly too old, goes from the archive without being told. */
async function tellArchived(ports: ExpirePorts, beforeMs: number, signal: AbortSignal): Promise<void> {
  const { ledger, resting } = ports;
  for (let after: string | undefined; ;) {
    const old = await ledger.olderThan(
      { beforeMs, limit: atOnce, ...(after === undefined ? {} : { after }) },
      signal,
    );
    const keys = old.homes.map(({ conversation }) => conversation);
    const absent = new Set(await resting.absent(keys, signal));
    for (const home of old.homes)
      if (!isOver(home, absent, beforeMs)) await tell(ports, home, beforeMs, signal);
    if (old.next === undefined) return;
    after = old.next;
  }
}

function isOver(
  { conversation, lastAtMs }: OldHome,
  absent: ReadonlySet<ConversationKey>,
  beforeMs: number,
): boolean {
  return absent.has(conversation) && lastAtMs !== undefined && lastAtMs < beforeMs;
}

async function tell(
  { accept }: ExpirePorts,
  { conversation, platform, place }: OldHome,
  beforeMs: number,
  signal: AbortSignal,
): Promise<void> {
  const dedupeId = `expired:${conversation}:${beforeMs}`;
  await accept({ kind: "expired", conversation, dedupeId, platform, place, beforeMs }, signal);
}
