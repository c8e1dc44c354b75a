import { editMessage } from "../../domain/edit-message.ts";
import type { WaitingEntries } from "./apply-waiting.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { InboxEntry, Said } from "../../domain/inbound.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ActiveConversation, Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Outbox } from "../../ports/outbox.ts";

/** Messages newer than this may still wait for their turn. */
const lateMs = 120_000;
/** Limit for the conversations read per search. */
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

/** Conversations with messages that the archive may lack. */
export interface UnsyncedConversations {
  /** Memories with unsynced changes. */
  readonly memories: readonly ConversationMemory[];
  /** Recently active conversations, newest first. */
  readonly active: readonly ActiveConversation[];
  /** Last revision in the archive, per conversation with unsynced changes. */
  readonly syncedRevisions: ReadonlyMap<ConversationKey, number>;
  /** Number of memories that were not read. */
  readonly unread: number;
}

/**
 * Reads the memories of a platform's conversations, other than `here`, that the archive lacks changes of. At most 100, the
 * latest active first. Usually only those of the last second, because syncing is that fast. @throws {MemoryError},
 * {StoreError}
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
  // The outbox lists the longest pending first. If its list is full, the latest may be missing from it.
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

/** What still waits in the inboxes of these conversations. */
export async function readWaiting(
  { inbox }: UnsyncedPorts,
  active: readonly ActiveConversation[],
  signal: AbortSignal,
): Promise<WaitingEntries> {
  const waiting = await inBatches(active, async ({ conversation }) => {
    return [conversation, await inbox.waiting(conversation, signal)] as const;
  });
  return new Map(waiting);
}

/** Waiting messages, with the edits and deletions behind them applied. Empty if a larger erasure waits. */
export function waitingMessagesIn(entries: readonly InboxEntry[]): readonly ArchivedMessage[] {
  const said = new Map<string, ArchivedMessage>();
  for (const { inbound } of entries) {
    const { kind } = inbound;
    if (kind === "erased" || kind === "forgot" || kind === "expired") return [];
    if (kind === "said") said.set(inbound.message.id, asArchived(inbound));
    if (kind === "deleted") said.delete(inbound.message);
    const changed = kind === "edited" ? said.get(inbound.message) : undefined;
    if (kind === "edited" && changed !== undefined) said.set(inbound.message, editMessage(changed, inbound));
  }
  return [...said.values()];
}

function asArchived({ conversation, platform, place, message }: Said): ArchivedMessage {
  // Sorts after everything in memory.
  const order = { ordinal: Number.MAX_SAFE_INTEGER, revision: 0, chapter: 0, answers: [] };
  const speaker = message.author.name;
  return { ...message, ...order, conversation, platform, place, speaker, role: "person" };
}

/** The messages in memory, in the archive's form. Without notices. */
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
