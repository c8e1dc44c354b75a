import type { SyncBatch } from "../../domain/archive.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { OutboxState } from "../../ports/outbox.ts";
import { yielding } from "../../async/yielding.ts";
import { countLocatedIn, headOf, locatedIn, syncArchive, type SyncPorts } from "./sync-archive.ts";
import { unsyncedIn } from "./unsynced.ts";

const maxPending = 1_000;
/** What is read and archived together. Its transaction must end well within the archive's deadline. */
const maxTogether = { conversations: 128, messages: 400, chars: 1_000_000 };

/** A conversation with nothing new but messages and records. */
interface Addition {
  readonly memory: ConversationMemory;
  readonly batch: SyncBatch;
}

/**
 * Syncs all pending conversations: together where there are only new messages, and one by one otherwise. A failure costs only
 * its own conversation. @throws the first failure.
 */
export async function syncPending(ports: SyncPorts, signal: AbortSignal): Promise<void> {
  const faults: unknown[] = [];
  const all = await ports.outbox.pendingKeys(maxPending, signal);
  for (let at = 0; at < all.length; at += maxTogether.conversations)
    faults.push(...(await syncPart(ports, all.slice(at, at + maxTogether.conversations), signal)));
  if (faults.length > 0) throw faults[0];
}

/** Returns the failures. */
async function syncPart(
  ports: SyncPorts,
  part: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const together = await attempt(() => syncTogether(ports, part, signal), signal);
  const faults: unknown[] = [];
  for (const conversation of "fault" in together ? part : together.result) {
    const alone = await attempt(() => syncOne(ports, conversation, signal), signal);
    if ("fault" in alone) faults.push(alone.fault);
  }
  // Otherwise the failures are reported.
  if ("fault" in together && faults.length === 0)
    ports.log.warn(
      { err: together.fault, conversations: part.length },
      "conversations were synced one by one",
    );
  return faults;
}

/** @throws the signal's reason. */
async function attempt<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<{ readonly result: T } | { readonly fault: unknown }> {
  try {
    return { result: await work() };
  } catch (fault) {
    signal.throwIfAborted();
    return { fault };
  }
}

/** Idempotent, as every sync. */
async function syncOne(ports: SyncPorts, conversation: ConversationKey, signal: AbortSignal): Promise<void> {
  const [state] = await ports.outbox.states([conversation], signal);
  await syncArchive(ports, { conversation, syncedRevision: state?.syncedRevision ?? 0 }, signal);
}

/** Returns those that have to be synced one by one. */
async function syncTogether(
  ports: SyncPorts,
  part: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<readonly ConversationKey[]> {
  const { memories, outbox } = ports;
  const reads = await memories.readAll(part, signal);
  // Read after the memories, so that no title with removed text is archived.
  const states = await outbox.states(part, signal);
  const pause = yielding();
  const additions: Addition[] = [];
  for (const [index, { memory }] of reads.entries()) {
    await pause();
    const batch = memory && additionOf(states[index], memory);
    if (memory !== undefined && batch !== undefined) additions.push({ memory, batch });
  }
  const left = new Set(part);
  for (const each of inParts(additions))
    for (const conversation of await addAll(ports, each, signal)) left.delete(conversation);
  return [...left];
}

/**
 * Undefined if there is more to do than to add messages, or if something has to be looked up: erasures, edits, sources that may
 * be lost, feedback, a memory to compare. Whether a message is really new is for the archive to say: see Archive.syncNew.
 */
function additionOf(state: OutboxState | undefined, memory: ConversationMemory): SyncBatch | undefined {
  if (state === undefined || memory.uncompared !== undefined) return undefined;
  if (memory.messages.length === 0 && memory.forgottenAtMs !== undefined) return undefined;
  const { conversation, platform, place } = memory;
  const unsynced = unsyncedIn(memory, state.syncedRevision);
  const { erasures, edits, descriptions, messages, records, feedback } = unsynced;
  if (erasures.length + edits.length + descriptions.length + feedback.length > 0) return undefined;
  if (messages.some(({ sources = [] }) => sources.length > 0)) return undefined;
  const head = headOf(memory, state.listing);
  return { conversation, platform, place, erasures, messages, records, head };
}

/** Leaves out what is too much for one part. */
function inParts(additions: readonly Addition[]): readonly (readonly Addition[])[] {
  const parts: Addition[][] = [];
  let room = { messages: 0, chars: 0 };
  for (const each of additions) {
    const { messages } = each.batch;
    const chars = charsIn(each);
    if (messages.length > maxTogether.messages || chars > maxTogether.chars) continue;
    if (parts.length === 0 || messages.length > room.messages || chars > room.chars) {
      parts.push([]);
      room = { ...maxTogether };
    }
    room.messages -= messages.length;
    room.chars -= chars;
    parts.at(-1)?.push(each);
  }
  return parts;
}

/** About how much there is to store: the texts of messages and summaries. */
function charsIn({ batch, memory: { summary, closed } }: Addition): number {
  const lines = [...(summary?.lines ?? []), ...(closed?.summary?.lines ?? [])];
  return [...batch.messages, ...lines].reduce((sum, { text }) => sum + text.length, 0);
}

/** Returns those that are synced. */
async function addAll(
  { archive, outbox, eviction, log }: SyncPorts,
  additions: readonly Addition[],
  signal: AbortSignal,
): Promise<readonly ConversationKey[]> {
  const batches = additions.map(({ batch }) => batch);
  const left = new Set(await archive.syncNew(batches, signal));
  const memories = additions.map(({ memory }) => memory).filter((each) => !left.has(each.conversation));
  const synced = memories.map((memory) => {
    const { conversation, revision } = memory;
    return { conversation, revision, locations: countLocatedIn(memory) };
  });
  const withMore = new Set(await outbox.markAllSynced(synced, signal));
  await Promise.all(
    memories
      .filter(({ conversation }) => withMore.has(conversation))
      .map((memory) => eviction.dropLocations(memory, locatedIn(memory), signal)),
  );
  log.debug({ conversations: memories.length }, "synced together");
  return memories.map(({ conversation }) => conversation);
}
