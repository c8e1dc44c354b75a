import type { ArchivedConversations } from "../ports/archived-conversations.ts";
import type { Accept } from "../ports/accept.ts";
import type { Job } from "../ports/job.ts";
import type { HotMemory } from "../ports/memory.ts";
import type { DelayedErasure, DelayedErasures } from "../ports/delayed-erasures.ts";
import { expire, type ExpirePorts } from "./forgetting/expire.ts";
import type { SyncPorts } from "./archive/sync-archive.ts";
import { syncPending } from "./archive/sync-pending.ts";
import { eraseNextPerson, type ErasePorts } from "./forgetting/erase-person.ts";
import { markArchived } from "./archive/mark-archived.ts";
import { evictInactive, type EvictPorts } from "./archive/evict-inactive.ts";
import { isErasureUndone } from "./memory/undone-orders.ts";
import { yielding } from "../async/yielding.ts";

const batchSize = 1_000;

interface ArchiveJobPorts extends SyncPorts, ErasePorts, EvictPorts, ExpirePorts {
  readonly memories: HotMemory;
  readonly platforms: ErasePorts["platforms"];
  readonly archivedConversations: ArchivedConversations;
  readonly delayedErasures: DelayedErasures;
  /** Removes traces of erased data from the files of the hot stores. */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
}

/** The jobs that sync the archive, erase what is due, and evict inactive conversations. */
export function archiveJobs(given: ArchiveJobPorts): readonly Job[] {
  const ports = { ...given, accept: yieldingAccept(given.accept), store: yieldingAccept(given.store) };
  return [
    { name: "mark", everyMs: 15_000, run: (signal) => markArchived(ports, signal) },
    { name: "file", everyMs: 1_000, run: (signal) => syncPending(ports, signal) },
    { name: "forget", everyMs: 2_000, run: (signal) => eraseAllRequested(ports, signal) },
    { name: "lapse", everyMs: 5_000, run: (signal) => eraseDue(ports, signal) },
    { name: "rest", everyMs: 600_000, run: (signal) => evictInactive(ports, signal) },
    { name: "scrub", everyMs: 600_000, run: (signal) => scrub(ports, signal) },
    { name: "files", everyMs: 60_000, run: (signal) => ports.files.sweep(ports.clock.nowMs(), signal) },
    ...(ports.settings.longestRetentionDays > 0
      ? [{ name: "expire", everyMs: 600_000, run: (signal: AbortSignal) => expire(ports, signal) }]
      : []),
  ];
}

/** Lets other work run between inbounds for thousands of conversations. With SQLite, awaiting a write does not. */
function yieldingAccept(accept: Accept): Accept {
  const pause = yielding();
  return async (inbound, signal) => {
    await pause();
    return accept(inbound, signal);
  };
}

async function eraseAllRequested(ports: ArchiveJobPorts, signal: AbortSignal): Promise<void> {
  let hasErased = false;
  while (await eraseNextPerson(ports, signal)) hasErased = true;
  if (hasErased) await scrub(ports, signal);
}

/**
 * Completes delayed erasures whose time to undo has ended: in memory through the inbox, in the archive through the next
 * sync, and in the dead letters. Until all is erased, it stays hidden and is checked again.
 */
async function eraseDue(ports: ArchiveJobPorts, signal: AbortSignal): Promise<void> {
  const { delayedErasures, accept, clock } = ports;
  let hasErased = false;
  for (const due of await delayedErasures.due(clock.nowMs(), batchSize, signal)) {
    const { conversation, platform, place, beforeOrdinal, untilMs } = due;
    const dedupeId = `lapsed:${conversation}:${untilMs}`;
    await accept({ kind: "lapsed", conversation, dedupeId, platform, place, beforeOrdinal }, signal);
    if (!(await isOver(ports, due, signal))) continue;
    await delayedErasures.drop(conversation, signal);
    hasErased = true;
  }
  if (hasErased) await scrub(ports, signal);
}

/** Whether an erasure is complete in memory and archive, or was undone. */
async function isOver(
  { memories, archive, deadLetters }: ArchiveJobPorts,
  { conversation, beforeOrdinal, orderedAtMs }: DelayedErasure,
  signal: AbortSignal,
): Promise<boolean> {
  const { memory } = await memories.read(conversation, signal);
  if (memory?.erasing !== undefined) return false;
  if (memory !== undefined && isErasureUndone(memory, orderedAtMs)) return true;
  const [left] = await archive.read({ conversation, beforeOrdinal, limit: 1 }, signal);
  if (left !== undefined) return false;
  await deadLetters.dropConversation(conversation, orderedAtMs, signal);
  return true;
}

async function scrub({ archive, scrub: scrubStores }: ArchiveJobPorts, signal: AbortSignal): Promise<void> {
  await archive.scrub(signal);
  await scrubStores(signal);
}
