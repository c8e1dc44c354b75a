import type { DerivedReply, ConversationLocation, ArchivedMessage } from "../../domain/archive.ts";
import type { Retracted } from "../../domain/own-inbounds.ts";
import type { Source } from "../../domain/conversation-memory.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Archive } from "../../ports/archive.ts";
import { paginate } from "../archive/paginate.ts";
import { retractionOf } from "../archive/retraction-of.ts";
import { findRepeating } from "../memory/find-repeating.ts";

export interface RetractPorts {
  readonly archive: Archive;
  readonly accept: Accept;
  /** Stores without scheduling a turn. */
  readonly store: Accept;
}

/** The parts of a message that are compared. A conversation may have very many messages. */
type Said = Pick<ArchivedMessage, "id" | "ordinal" | "revision" | "text">;

/** What an erasure takes from one conversation. */
interface ErasedThere {
  /** The number of the person's messages. */
  readonly messages: number;
  /** Our replies that answer only the person. */
  readonly replies: readonly MessageId[];
  /** The person's messages, in slices. */
  readonly ids: readonly (readonly MessageId[])[];
}

/**
 * Retracts our answers that were derived from a person's messages in a conversation, or that repeat them, wherever they
 * are. Runs before the archive erases those messages, which are compared and counted. Reads the conversation once, in slices.
 * @throws {ArchiveError}, {StoreError}
 */
export async function retractDerived(
  ports: RetractPorts,
  { conversation, platform, place }: ConversationLocation,
  isTheirs: (message: ArchivedMessage) => boolean,
  signal: AbortSignal,
): Promise<ErasedThere> {
  const { archive } = ports;
  const { erased, others, replies, answers, ids } = await readAll(archive, conversation, isTheirs, signal);
  const there = { messages: erased.length, replies: answers, ids };
  if (erased.length === 0) return there;
  const elsewhere: DerivedReply[] = [];
  for (const page of ids) {
    const derived = await archive.derivedFrom(conversation, page, signal);
    elsewhere.push(...derived.filter((each) => each.conversation !== conversation));
  }
  const here = (await findRepeating(replies, erased, others))
    // Our posts stay visible in the chat, as the person's own messages do.
    .map(({ id: message, revision }) => {
      const reply = { conversation, platform, place, message, revision };
      return retractionOf(Object.assign(reply, { posts: [], staysShown: true } as const));
    });
  await retractAll(ports, [...elsewhere.map(retractionOf), ...here], signal);
  return there;
}

async function readAll(
  archive: Archive,
  conversation: ConversationKey,
  isTheirs: (message: ArchivedMessage) => boolean,
  signal: AbortSignal,
) {
  const erased: Said[] = [];
  const others: string[] = [];
  const replies: Said[] = [];
  const pages: (readonly MessageId[])[] = [];
  const erasedIds = new Set<MessageId>();
  const replyIds: MessageId[] = [];
  for await (const page of paginate(archive, { conversation }, signal)) {
    const theirs = page.filter(isTheirs);
    if (theirs.length > 0) pages.push(theirs.map(({ id }) => id));
    for (const message of page) {
      const { id, role, ordinal, revision, text, answers } = message;
      if (isTheirs(message)) {
        erasedIds.add(id);
        erased.push({ id, ordinal, revision, text });
      } else if (role === "person") others.push(text);
      else if (erased.length > 0) {
        replies.push({ id, ordinal, revision, text });
        if (answers.length > 0 && answers.every((each) => erasedIds.has(each))) replyIds.push(id);
      }
    }
  }
  return { erased, others, replies, answers: replyIds, ids: pages };
}

/**
 * Retracts our answers that looked up these messages, and were archived since `retractDerived`. Runs after the archive has
 * erased the messages: what is archived later finds its sources gone. @throws {ArchiveError}, {StoreError}
 */
export async function retractLate(
  ports: RetractPorts,
  { conversation }: ConversationLocation,
  pages: ErasedThere["ids"],
  signal: AbortSignal,
): Promise<void> {
  const { archive } = ports;
  const late: Retracted[] = [];
  for (const page of pages) {
    const ids = new Set(page);
    const isErased = (source: Source): boolean =>
      source.conversation === conversation && ids.has(source.message);
    for (const each of await archive.derivedFrom(conversation, page, signal)) {
      const isHere = each.conversation === conversation;
      const reply = isHere ? await archive.find(conversation, each.message, signal) : undefined;
      if (!isHere) late.push(retractionOf(each));
      else if (reply?.sources?.some(isErased) === true)
        late.push(retractionOf({ ...each, posts: [], staysShown: true }));
    }
  }
  await retractAll(ports, late, signal);
}

/** Only the last inbound of a conversation schedules a turn. One turn applies all of them, and each turn reads the whole memory. */
async function retractAll(
  { accept, store }: RetractPorts,
  retracted: readonly Retracted[],
  signal: AbortSignal,
): Promise<void> {
  for (const ofConversation of Map.groupBy(retracted, ({ conversation }) => conversation).values()) {
    for (const [index, each] of ofConversation.entries()) {
      const put = index === ofConversation.length - 1 ? accept : store;
      await put(each, signal);
    }
  }
}
