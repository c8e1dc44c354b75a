import type { RememberedMessage, ConversationMemory } from "../../domain/conversation-memory.ts";
import type { ArchivedMessage, DerivedReply } from "../../domain/archive.ts";
import { yielding } from "../async/yielding.ts";
import { LostTraces } from "./lost-traces.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Archive } from "../../ports/archive.ts";

/** What was said and is no more, or reads otherwise now. */
interface LostText {
  readonly text: string;
  readonly ordinal?: number;
}

/** So many characters make a table of 10 MB at most, which grows in steps of 20 ms at most. */
const charsAtOnce = 2_000_000;

/**
 * Which texts repeat something that is gone and that none of the others says. In slices; over an archive, all is read
 * again for every two million characters that are gone.
 */
export async function findRepeating<T extends LostText>(
  candidates: readonly T[],
  gone: readonly LostText[],
  others: readonly string[],
): Promise<readonly T[]> {
  const pause = yielding();
  const found = new Set<T>();
  for (const part of splitBySize(gone)) {
    const lost = new LostTraces();
    for (const { text, ordinal } of part) {
      lost.add(text, ordinal);
      await pause();
    }
    for (const text of others) {
      lost.remove(text);
      await pause();
    }
    for (const each of candidates) {
      if (!found.has(each) && lost.isRepeatedIn(each.text, each.ordinal)) found.add(each);
      await pause();
    }
  }
  return candidates.filter((each) => found.has(each));
}

function splitBySize(gone: readonly LostText[]): readonly (readonly LostText[])[] {
  const parts: LostText[][] = [];
  let chars = Infinity;
  for (const each of gone) {
    if (chars + each.text.length > charsAtOnce) {
      parts.push([]);
      chars = 0;
    }
    chars += each.text.length;
    parts.at(-1)?.push(each);
  }
  return parts;
}

/** Messages that are gone or read otherwise now, as they read before. */
export interface RemovedMessages {
  readonly deleted: readonly RememberedMessage[];
  readonly reworded: readonly RememberedMessage[];
}

/**
 * Which replies of ours rest on messages that are gone: such a reply answers nothing else, or it was made after one of
 * them and repeats what no person's remaining message says.
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
 * Our replies that have nothing left to rest on after some messages have gone: they answer nothing that stays, or
 * looked one of them up. The same at once and long after: a reply to several questions goes with the last of them.
 * @throws {ArchiveError}
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
  const bereft: DerivedReply[] = [];
  for (const each of await archive.derivedFrom(conversation, gone, signal)) {
    const isHere = each.conversation === conversation;
    const reply = isHere ? await archive.find(conversation, each.message, signal) : undefined;
    if (reply === undefined || hasLookedUp(reply) || (await answersNothing(reply))) bereft.push(each);
  }
  return bereft;

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
