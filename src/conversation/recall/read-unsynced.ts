import type { ConversationKey } from "../../domain/conversation.ts";
import type { InboxEntry, Said } from "../../domain/inbound.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ActiveConversation, Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Outbox } from "../../ports/outbox.ts";

/** What is newer may still wait for its turn. */
const lateMs = 120_000;
/** Of more conversations than these the newest messages are not read. */
const maxRead = 100;
const maxListed = 1_000;
const atOnce = 8;

export interface UnsyncedPorts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly outbox: Outbox;
}

/** What the archive may not have yet. */
export interface UnsyncedConversations {
  /** The memories of conversations that the archive does not know all of. */
  readonly memories: readonly ConversationMemory[];
  /** Conversations in which something was said lately, with their places; the newest first. */
  readonly active: readonly ActiveConversation[];
  /** The revisions that the archive has of these conversations. */
  readonly syncedRevisions: ReadonlyMap<ConversationKey, number>;
  /** How many memories were left unread. */
  readonly unread: number;
}

/**
 * The conversations of a platform, other than `here`, that have something which the archive lacks. Of at most 100 of them
 * the memory is read, those in which somebody wrote last first: usually there are as many as were active in a second.
 * @throws {MemoryError}, {StoreError}
 */
export async function readUnsynced(
  { clock, directory, memories, outbox }: UnsyncedPorts,
  { conversation: here, platform }: Pick<ConversationMemory, "conversation" | "platform">,
  signal: AbortSignal,
): Promise<UnsyncedConversations> {
  const isOther = (each: ConversationKey): boolean => each !== here && each.startsWith(`${platform}:`);
  const pending = await outbox.pending(maxListed, signal);
  const syncedRevisions = new Map(pending.map((each) => [each.conversation, each.syncedRevision]));
  const listed = [...syncedRevisions.keys()];
  const all = await directory.active(platform, clock.nowMs() - lateMs, signal);
  const active = all.filter(({ conversation }) => isOther(conversation)).slice(0, maxRead);
  // The list gives the longest unfiled first; where it is full, what was said last may not be on it.
  const isFull = listed.length === maxListed;
  const newest = active
    .map(({ conversation }) => conversation)
    .filter((each) => isFull || syncedRevisions.has(each));
  const keys = [...new Set([...newest, ...listed.filter(isOther).toReversed()])];
  const read = await inBatches(keys.slice(0, maxRead), (key) => memories.read(key, signal));
  const found = read.flatMap(({ memory }) => memory ?? []);
  const unreadable = read.filter(({ isUnreadable }) => isUnreadable === true).length;
  return {
    memories: found,
    active,
    syncedRevisions,
    unread: Math.max(0, keys.length - maxRead) + unreadable,
  };
}

/** What people said in these conversations, and no turn has taken yet. */
export async function readWaiting(
  { inbox }: UnsyncedPorts,
  active: readonly ActiveConversation[],
  signal: AbortSignal,
): Promise<readonly ArchivedMessage[]> {
  const waiting = await inBatches(active, ({ conversation }) => inbox.waiting(conversation, signal));
  return waiting.flatMap(waitingMessagesIn);
}

/** As it reads after what waits behind it. Where more than a message is to go, nothing is told. */
function waitingMessagesIn(entries: readonly InboxEntry[]): readonly ArchivedMessage[] {
  const said = new Map<string, ArchivedMessage>();
  for (const { inbound } of entries) {
    const { kind } = inbound;
    if (kind === "erased" || kind === "forgot" || kind === "expired") return [];
    if (kind === "said") said.set(inbound.message.id, asArchived(inbound));
    if (kind === "deleted") said.delete(inbound.message);
    const changed = kind === "edited" ? said.get(inbound.message) : undefined;
    if (kind === "edited" && changed !== undefined)
      said.set(inbound.message, { ...changed, text: inbound.text });
  }
  return [...said.values()];
}

function asArchived({ conversation, platform, place, message }: Said): ArchivedMessage {
  // Behind everything that was remembered.
  const order = { ordinal: Number.MAX_SAFE_INTEGER, revision: 0, chapter: 0, answers: [] };
  const speaker = message.author.name;
  return { ...message, ...order, conversation, platform, place, speaker, role: "person" };
}

/** What a conversation remembers word for word, as the archive would have it. */
export function toArchivedMessages({
  conversation,
  platform,
  place,
  messages,
}: ConversationMemory): readonly ArchivedMessage[] {
  return messages
    .filter(({ role }) => role !== "notice")
    .map((message) => Object.assign({ conversation, platform, place }, message));
}

async function inBatches<Item, T>(
  items: readonly Item[],
  work: (item: Item) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return results;
}
