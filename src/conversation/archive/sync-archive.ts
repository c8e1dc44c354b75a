import type { ConversationHead, Listing } from "../../domain/archived-conversation.ts";
import type { Outdated } from "../../domain/own-inbounds.ts";
import type { DerivedReply, ArchivedMessage } from "../../domain/archive.ts";
import { describeImage } from "../../domain/describe-image.ts";
import { editMessage } from "../../domain/edit-message.ts";
import { type MessageId, messageIdOf } from "../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Archive } from "../../ports/archive.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import type { HotMemory } from "../../ports/memory.ts";
import type { Outbox, PendingSync } from "../../ports/outbox.ts";
import { toRemembered } from "../../domain/apply-pending-changes.ts";
import { evictConversation, type EvictPorts } from "./evict-inactive.ts";
import { findRepeats } from "./find-repeats.ts";
import { findUnsupportedReplies } from "../memory/derived-text.ts";
import { retractRefused } from "./retract-refused.ts";
import { retractionOf } from "./retraction-of.ts";
import { findDerivedElsewhere } from "./derived-elsewhere.ts";
import { repliesWithLostSources } from "./find-outdated-replies.ts";
import { unsyncedIn, type Unsynced } from "./unsynced.ts";

/** What syncing needs. */
export interface SyncPorts extends Pick<EvictPorts, "archivedConversations" | "eviction"> {
  readonly memories: HotMemory;
  readonly archive: Archive;
  readonly outbox: Outbox;
  readonly files: FileStore;
  readonly accept: Accept;
  readonly log: Log;
}

/**
 * Syncs one conversation to the archive, erasures first. Idempotent, also when two replicas do it at once. Replies that were
 * made from removed messages, and that memory no longer holds, are retracted through the inbox.
 * @throws {ArchiveError}, {MemoryError}, {StoreError}, {FileStoreError}; the conversation stays pending then.
 */
export async function syncArchive(
  ports: SyncPorts,
  pending: PendingSync,
  signal: AbortSignal,
): Promise<void> {
  const { memories, outbox } = ports;
  const { conversation, syncedRevision } = pending;
  const { memory, isUnreadable } = await memories.read(conversation, signal);
  if (memory === undefined) {
    // The next turn quarantines an unreadable memory. Either way nothing is left to sync.
    if (isUnreadable !== true) await outbox.markSynced(conversation, Number.MAX_SAFE_INTEGER, signal);
    return;
  }
  if (await isToBeCompared(ports, memory, signal)) return;
  await syncMemory(ports, memory, unsyncedIn(memory, syncedRevision), signal);
}

/**
 * Whether a memory went on without the archive, which may have what it lacks and must not be replaced. Then its next turn
 * compares it; after that it is synced. @throws {ArchiveError} while the archive is unreachable: no turn could compare it.
 */
async function isToBeCompared(
  { archivedConversations, accept }: SyncPorts,
  memory: ConversationMemory,
  signal: AbortSignal,
): Promise<boolean> {
  if (memory.uncompared === undefined) return false;
  if ((await archivedConversations.findConversation(memory.conversation, signal)) === undefined) return false;
  await accept(outdated(memory), signal);
  return true;
}

/** Syncs the changes of a memory, then marks them as synced. */
async function syncMemory(
  ports: SyncPorts,
  memory: ConversationMemory,
  news: Unsynced,
  signal: AbortSignal,
): Promise<void> {
  const { archive, outbox, accept, log } = ports;
  const { conversation } = memory;
  const late = [...news.edits, ...news.descriptions];
  const olds = await findAll(archive, memory, [...news.gone, ...late.map(({ message }) => message)], signal);
  const elsewhere = await findDerivedElsewhere(archive, conversation, news, signal);
  const repeats = await findRepeats(archive, memory, { olds, gone: new Set(news.gone) }, signal);
  const { platform, place } = memory;
  const messages = [...changedLate(news, olds), ...news.messages];
  // Before the removed texts go, which the search needs: an interrupted sync starts over here.
  await retract(ports, memory, [...elsewhere.known, ...repeats], signal);
  // Read after the memory, so that no title with removed text is archived.
  const head = headOf(memory, await outbox.listing(conversation, signal));
  const batch = { conversation, platform, place, messages, head, ...asTheyAre(news) };
  if (news.erasures.length > 0) await ports.files.erase(conversation, news.erasures, signal);
  const { refused, forgotten } = await archive.sync(batch, signal);
  if (refused.length > 0 && (await isRefusedInError(ports, memory, refused, signal))) return;
  const texts = [...messages, ...olds.values()];
  await retractRefused(ports, memory, { forgotten: new Set(forgotten), texts }, signal);
  // A source of a new reply may have been removed since the reply was made.
  const sourceless = await repliesWithLostSources(ports, memory, news.messages, signal);
  // After the sync: an answer that was synced in the meantime is found here or there.
  const unsupported = await findUnsupportedReplies(archive, memory, news.gone, signal);
  await retract(ports, memory, [...unsupported, ...(await elsewhere.findLate()), ...sourceless], signal);
  await outbox.markSynced(conversation, memory.revision, signal);
  await dropFromHotStore(ports, memory, signal);
  // The next turn drops what the archive has. Reasons and texts of erased messages must not wait for it.
  const isOfErased = late.some(({ message }) => !olds.has(message));
  const mayHoldErased =
    isOfErased ||
    (memory.edits.length + news.descriptions.length > 0 &&
      news.erasures.some(({ kind }) => kind !== "message"));
  if (mayHoldErased || news.feedback.length > 0) await accept(outdated(memory), signal);
  log.debug({ messages: messages.length, erasures: news.erasures.length }, "synced");
}

/** Removes what the archive now has from the hot store: locations of old messages, and erased conversations. */
async function dropFromHotStore(
  ports: SyncPorts,
  memory: ConversationMemory,
  signal: AbortSignal,
): Promise<void> {
  const { conversation, messages, forgottenAtMs } = memory;
  if (messages.length === 0 && forgottenAtMs !== undefined) {
    await evictConversation(ports, conversation, Number.MAX_SAFE_INTEGER, signal);
    return;
  }
  await ports.eviction.dropLocations(memory, locatedIn(memory), signal);
}

/** What the hot store locates of a memory's messages: themselves and their posts. */
export function locatedIn({ messages }: ConversationMemory): readonly MessageId[] {
  return messages.flatMap(({ id, posts = [] }) => [id].concat(posts.map(messageIdOf)));
}

/** How many `locatedIn` lists. */
export function countLocatedIn({ messages }: ConversationMemory): number {
  return messages.reduce((count, { posts = [] }) => count + 1 + posts.length, 0);
}

/**
 * A memory without its messages, erasures, edits and descriptions, without turn records and feedback, and without the record of changes that
 * running summaries need.
 */
export function headOf(memory: ConversationMemory, listing: Listing | undefined): ConversationHead {
  const { moves: _, uncompared: _uncompared, descriptions: _descriptions, ...others } = memory;
  const { records: _records, feedback: _feedback, ...rest } = others;
  const head = { ...rest, messages: [], erasures: [], edits: [] };
  return { memory: head, ...(listing === undefined ? {} : { listing }) };
}

/**
 * Whether memory still holds refused messages. Their ordinals then came from a memory that had fallen behind the archive: the
 * sync stops, and the conversation is told to compare itself with the archive.
 */
async function isRefusedInError(
  { memories, accept, log }: SyncPorts,
  synced: ConversationMemory,
  refused: readonly MessageId[],
  signal: AbortSignal,
): Promise<boolean> {
  const { memory } = await memories.read(synced.conversation, signal);
  const held = new Set(memory?.messages.map(({ id }) => id));
  const count = refused.filter((id) => held.has(id)).length;
  if (count === 0) return false;
  const isTold = (await accept(outdated(synced), signal)) === "stored";
  if (isTold)
    log.error(
      { messages: count },
      "the archive refused messages; their conversation is compared with the archive",
    );
  return true;
}

/** Has the next turn compare memory with the archive. */
function outdated({ conversation, platform, place, revision }: ConversationMemory): Outdated {
  const dedupeId = `outdated:${conversation}:${revision}`;
  return { kind: "outdated", conversation, dedupeId, platform, place };
}

/** The changes that go to the archive as they are. */
function asTheyAre({
  erasures,
  records,
  feedback,
}: Unsynced): Pick<Unsynced, "erasures" | "records" | "feedback"> {
  return { erasures, records, feedback };
}

/** The old texts of removed or edited messages that only the archive still has. */
async function findAll(
  archive: Archive,
  { conversation, messages }: ConversationMemory,
  ids: readonly MessageId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<MessageId, ArchivedMessage>> {
  const remembered = new Set(messages.map(({ id }) => id));
  const found = new Map<MessageId, ArchivedMessage>();
  for (const id of ids) {
    const message = remembered.has(id) ? undefined : await archive.find(conversation, id, signal);
    if (message !== undefined) found.set(id, message);
  }
  return found;
}

/** The messages that only the archive still has, with their edits and then their descriptions. */
function changedLate(
  { edits, descriptions }: Unsynced,
  olds: ReadonlyMap<MessageId, ArchivedMessage>,
): readonly RememberedMessage[] {
  const changed = new Map<MessageId, RememberedMessage>();
  const known = (id: MessageId): RememberedMessage | undefined => {
    const old = olds.get(id);
    return changed.get(id) ?? (old?.role === "person" ? { ...toRemembered(old), tokens: 0 } : undefined);
  };
  for (const edit of edits) {
    const message = known(edit.message);
    if (message === undefined) continue;
    const { isGivenUp: _, ...kept } = message;
    changed.set(edit.message, { ...editMessage(kept, edit), revision: edit.revision });
  }
  for (const { message: id, file, text, revision } of descriptions) {
    const message = known(id);
    const described = message && describeImage(message, { file, text });
    if (described === undefined || described === message) continue;
    changed.set(id, { ...described, revision: Math.max(described.revision + 1, revision) });
  }
  return [...changed.values()];
}

async function retract(
  { accept }: SyncPorts,
  memory: ConversationMemory,
  derived: readonly DerivedReply[],
  signal: AbortSignal,
): Promise<void> {
  const known = new Set(memory.erasures.flatMap((each) => (each.kind === "message" ? [each.message] : [])));
  for (const each of derived) {
    if (each.conversation === memory.conversation && known.has(each.message)) continue;
    await accept(retractionOf(each), signal);
  }
}
