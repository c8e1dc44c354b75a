import type { InboxEntry } from "../../domain/inbound.ts";
import type { Unlocated } from "../../domain/own-inbounds.ts";
import type { Lease } from "../../domain/turn.ts";
import { isEditCall } from "./edit-calls.ts";
import type { Accept } from "../../ports/accept.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Journal } from "../../ports/journal.ts";
import type { Platform } from "../../ports/platform.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { MessageChange } from "../../domain/message-change.ts";

interface LocatePorts {
  readonly accept: Accept;
  readonly archivedConversations: ArchivedConversations;
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly clock: Clock;
  readonly scheduleIn: (conversation: ConversationKey, ms: number) => void;
}

/**
 * Wraps a change that waits for the archive, in one inbox per platform. Platforms stop redelivering after some minutes, and
 * a deletion must not get lost. A duplicate is located twice and applied once.
 */
export function unlocated(change: MessageChange, nowMs: number): Unlocated {
  const { platform, place, message, dedupeId } = change;
  const conversation = `unplaced:${platform}` as const;
  return {
    kind: "unplaced",
    conversation,
    dedupeId: `unplaced:${dedupeId}:${nowMs}`,
    platform,
    place,
    message,
    change,
  };
}

interface UnlocatedEntry {
  readonly lease: Lease;
  readonly entry: InboxEntry & { readonly inbound: Unlocated };
}

/** The first entry, if it is an unlocated change. Undefined: an ordinary inbox. */
export function unlocatedIn([first]: readonly InboxEntry[]): UnlocatedEntry["entry"] | undefined {
  return first?.inbound.kind === "unplaced" ? { ...first, inbound: first.inbound } : undefined;
}

/** Moves a change to its conversation's inbox, or drops it if there is none. @throws {ArchiveError}, {InboxError} */
export async function locateChange(
  ports: LocatePorts,
  { lease, entry }: UnlocatedEntry,
  signal: AbortSignal,
): Promise<void> {
  const { directory, archivedConversations, inbox, journal, clock, scheduleIn, platforms } = ports;
  const { platform, place, message, change } = entry.inbound;
  const located = await directory.locate(platform, place, message, signal);
  const conversation = located ?? change.conversation;
  const isKnown =
    located !== undefined ||
    (await archivedConversations.findConversation(conversation, signal)) !== undefined;
  const acceptance = await inbox.accept({ ...change, conversation }, clock.nowMs(), signal, isKnown);
  if (acceptance === "ignored" && isEditCall(change)) await ports.accept(change.call, signal);
  // Accepting it also reaches the conversations that quote the message.
  if (platforms.get(platform)?.quotes === true) await ports.accept({ ...change, conversation }, signal);
  await journal.finish(lease, { covers: [entry.id], posts: [] }, signal);
  if (acceptance === "stored") scheduleIn(conversation, 0);
}
