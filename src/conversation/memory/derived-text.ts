import type { RememberedMessage, ConversationMemory } from "../../domain/conversation-memory.ts";
import type { ArchivedMessage, DerivedReply } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Archive } from "../../ports/archive.ts";
import { findRepeating } from "./find-repeating.ts";

// The one place that decides what is derived from what, and so goes when a message is deleted, edited or erased:
// - a reply in memory: findDerivedReplies. removeDerived applies it.
// - a reply in the archive, of this or another conversation: findUnsupportedReplies, findDerivedElsewhere. syncArchive applies them
//   to the version that is archived. A newer one is compared with its sources when it is synced: repliesWithLostSources.
// - a summary: any change below its end clears all its lines, since any line may repeat the text. invalidateSummary applies it.
// - the text of a file, and the description of an image: a part of its message's text. describeImage adds the description.
// - a stored file: it belongs to its message (FileLink), and goes with it. syncArchive applies it.
// - a title: dropped if any message that it was made from changed or went. applyTitle applies it.
// - an answer that repeats an earlier answer: it inherits that answer's sources (inheritedSources), and goes with them.
// "Repeats" always means findRepeating: distinctive words, or four words in a row.

/** Removed and edited messages, with their text before the change. */
export interface RemovedMessages {
  readonly deleted: readonly RememberedMessage[];
  readonly reworded: readonly RememberedMessage[];
}

/**
 * Finds our replies in memory that are derived from lost text. A reply is derived if all messages that it answers were
 * deleted, or if it comes after a lost message and repeats words of it that no remaining message of a person holds.
 */
export async function findDerivedReplies(
  { deleted, reworded }: RemovedMessages,
  remaining: readonly RememberedMessage[],
): Promise<readonly RememberedMessage[]> {
  const ids = new Set(deleted.map(({ id }) => id));
  const gone = [...deleted, ...reworded];
  const first = Math.min(...gone.map(({ ordinal }) => ordinal));
  const replies = remaining.filter(({ role, ordinal }) => role !== "person" && ordinal > first);
  const said = remaining.filter(({ role }) => role === "person").map(({ text }) => text);
  const repeating = new Set(replies.length === 0 ? [] : await findRepeating(replies, gone, said));
  return remaining.filter(
    (message) =>
      repeating.has(message) ||
      (message.role !== "person" && message.answers.length > 0 && message.answers.every((id) => ids.has(id))),
  );
}

/**
 * Finds our archived replies that lost their support. A reply is unsupported if it looked up a removed message, or if no
 * message that it answers remains in memory or archive. Replies in other conversations that used a removed message always
 * are. The result is the same right after the removal and later. @throws {ArchiveError}
 */
export async function findUnsupportedReplies(
  archive: Archive,
  { conversation, messages }: ConversationMemory,
  gone: readonly MessageId[],
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  if (gone.length === 0) return [];
  const ids = new Set(gone);
  const held = new Set(messages.map(({ id }) => id));
  const unsupported: DerivedReply[] = [];
  for (const each of await archive.derivedFrom(conversation, gone, signal)) {
    const isHere = each.conversation === conversation;
    const reply = isHere ? await archive.find(conversation, each.message, signal) : undefined;
    if (reply === undefined || hasLookedUp(reply) || (await answersNothing(reply))) unsupported.push(each);
  }
  return unsupported;

  function hasLookedUp({ sources = [] }: ArchivedMessage): boolean {
    return sources.some((source) => source.conversation === conversation && ids.has(source.message));
  }

  async function answersNothing({ answers }: ArchivedMessage): Promise<boolean> {
    for (const id of answers) {
      if (held.has(id)) return false;
      if (!ids.has(id) && (await archive.find(conversation, id, signal)) !== undefined) return false;
    }
    return true;
  }
}
