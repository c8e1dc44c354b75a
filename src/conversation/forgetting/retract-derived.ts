import type { DerivedReply, ConversationLocation, ArchivedMessage } from "../../domain/archive.ts";
import type { Retracted } from "../../domain/own-inbounds.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Archive } from "../../ports/archive.ts";
import { paginate } from "../archive/paginate.ts";
import { findRepeating } from "../memory/find-repeating.ts";

export interface RetractPorts {
  readonly archive: Archive;
  readonly accept: Accept;
  /** Stores without scheduling a turn. */
  readonly store: Accept;
}

/** The parts of a message that are compared. A conversation may have very many messages. */
type Said = Pick<ArchivedMessage, "id" | "ordinal" | "text">;

/**
 * Retracts our answers that were derived from a person's messages in a conversation, or that repeat them, wherever they
 * are. Runs before the archive erases those messages: afterwards the links are gone, and so are the counts, which it
 * resolves to. Reads the conversation once, in slices. @throws {ArchiveError}, {StoreError}
 */
export async function retractDerived(
  ports: RetractPorts,
  { conversation, platform, place }: ConversationLocation,
  isTheirs: (message: ArchivedMessage) => boolean,
  signal: AbortSignal,
): Promise<{ readonly messages: number; readonly replies: number }> {
  const { archive } = ports;
  const erased: Said[] = [];
  const others: string[] = [];
  const replies: Said[] = [];
  const elsewhere: DerivedReply[] = [];
  const erasedIds = new Set<MessageId>();
  let answerCount = 0;
  for await (const page of paginate(archive, { conversation }, signal)) {
    const ids: MessageId[] = [];
    for (const message of page) {
      const { id, role, ordinal, text, answers } = message;
      if (isTheirs(message)) {
        ids.push(id);
        erasedIds.add(id);
        erased.push({ id, ordinal, text });
      } else if (role === "person") others.push(text);
      else if (erased.length > 0) {
        replies.push({ id, ordinal, text });
        if (answers.length > 0 && answers.every((each) => erasedIds.has(each))) answerCount += 1;
      }
    }
    if (ids.length === 0) continue;
    const derived = await archive.derivedFrom(conversation, ids, signal);
    elsewhere.push(...derived.filter((each) => each.conversation !== conversation));
  }
  const counts = { messages: erased.length, replies: answerCount };
  if (erased.length === 0) return counts;
  const here = (await findRepeating(replies, erased, others))
    // Our posts stay visible in the chat, as the person's own messages do.
    .map(({ id }) => ({ conversation, platform, place, message: id, posts: [], staysShown: true }) as const);
  await retractAll(ports, [...elsewhere, ...here], signal);
  return counts;
}

/** Only the last inbound of a conversation schedules a turn. One turn applies all of them, and each turn reads the whole memory. */
async function retractAll(
  { accept, store }: RetractPorts,
  retracted: readonly Omit<Retracted, "kind" | "dedupeId">[],
  signal: AbortSignal,
): Promise<void> {
  for (const ofConversation of Map.groupBy(retracted, ({ conversation }) => conversation).values()) {
    for (const [index, each] of ofConversation.entries()) {
      const dedupeId = `retracted:${each.conversation}:${each.message}`;
      const put = index === ofConversation.length - 1 ? accept : store;
      await put({ ...each, kind: "retracted", dedupeId }, signal);
    }
  }
}
