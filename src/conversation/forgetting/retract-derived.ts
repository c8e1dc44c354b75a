import type { Derived, ConversationLocation, ArchivedMessage } from "../../domain/archive.ts";
import type { Retracted } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Archive } from "../../ports/archive.ts";
import { pagesOf } from "../archive/paginate.ts";
import { repeatingOf } from "../memory/derived-text.ts";

export interface RetractPorts {
  readonly archive: Archive;
  readonly accept: Accept;
  /** Stores without waking. */
  readonly store: Accept;
}

/** What is looked at of a message: a conversation may have very many. */
type Said = Pick<ArchivedMessage, "id" | "ordinal" | "text">;

/**
 * Before the ledger forgets what somebody said in a conversation: takes back, through the inboxes, our answers that were
 * made from it or repeat it, wherever they are. Afterwards nobody could tell. The conversation is read once, and looked
 * through in slices. Resolves to how much goes: afterwards nobody could count it either. @throws {ArchiveError}, {StoreError}
 */
export async function retractWhatRestsOn(
  ports: RetractPorts,
  { conversation, platform, place }: ConversationLocation,
  isTheirs: (message: ArchivedMessage) => boolean,
  signal: AbortSignal,
): Promise<{ readonly messages: number; readonly replies: number }> {
  const { archive } = ports;
  const theirs: Said[] = [];
  const others: string[] = [];
  const replies: Said[] = [];
  const elsewhere: Derived[] = [];
  const gone = new Set<MessageId>();
  let answering = 0;
  for await (const page of pagesOf(archive, { conversation }, signal)) {
    const ids: MessageId[] = [];
    for (const message of page) {
      const { id, role, ordinal, text, answers } = message;
      if (isTheirs(message)) {
        ids.push(id);
        gone.add(id);
        theirs.push({ id, ordinal, text });
      } else if (role === "person") others.push(text);
      else if (theirs.length > 0) {
        replies.push({ id, ordinal, text });
        if (answers.length > 0 && answers.every((each) => gone.has(each))) answering += 1;
      }
    }
    if (ids.length === 0) continue;
    const derived = await archive.derivedFrom(conversation, ids, signal);
    elsewhere.push(...derived.filter((each) => each.conversation !== conversation));
  }
  const counts = { messages: theirs.length, replies: answering };
  if (theirs.length === 0) return counts;
  const here = (await repeatingOf(replies, theirs, others))
    // What people still see of our answers stays, as what they said themselves does.
    .map(({ id }) => ({ conversation, platform, place, message: id, posts: [], staysShown: true }) as const);
  await retractAll(ports, [...elsewhere, ...here], signal);
  return counts;
}

/** The last one of a conversation wakes it: a turn takes all that are there, and each costs a look at the whole memory. */
async function retractAll(
  { accept, store }: RetractPorts,
  retracted: readonly Omit<Retracted, "kind" | "dedupeId">[],
  signal: AbortSignal,
): Promise<void> {
  for (const ofOne of Map.groupBy(retracted, ({ conversation }) => conversation).values()) {
    for (const [index, each] of ofOne.entries()) {
      const dedupeId = `retracted:${each.conversation}:${each.message}`;
      const take = index === ofOne.length - 1 ? accept : store;
      await take({ ...each, kind: "retracted", dedupeId }, signal);
    }
  }
}
