import type { DerivedReply, ArchivedMessage } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";
import { findRepeating } from "../memory/find-repeating.ts";

/** How many messages after the first removed one are searched for repeats. */
const maxMessagesSearched = 2_000;

/** The removed messages of a conversation: those with a known text, and the ids of all. */
export interface RemovedMessages {
  readonly olds: ReadonlyMap<MessageId, Pick<RememberedMessage, "role" | "ordinal" | "text">>;
  readonly gone: ReadonlySet<MessageId>;
}

/** The bot's replies that repeat a removed text which no remaining message contains. @throws {ArchiveError} */
export async function findRepeats(
  archive: Archive,
  memory: ConversationMemory,
  { olds, gone }: RemovedMessages,
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const lost = [...olds.values()].filter(({ role }) => role === "person");
  const first = Math.min(...lost.map(({ ordinal }) => ordinal));
  if (lost.length === 0) return [];
  const { conversation, platform, place, edits, messages } = memory;
  const range = { conversation, fromOrdinal: first, limit: maxMessagesSearched };
  const archived = await archive.read(range, signal);
  // The archive may still hold an older text: that of an answer that is being given again.
  const known = new Set(messages.map(({ id }) => id));
  const older = archived.filter(({ id }) => !known.has(id));
  const all = [...older, ...messages].filter(({ id }) => !olds.has(id) && !gone.has(id));
  const said = all.filter(({ role }) => role === "person").map(({ text }) => text);
  const others = [...said, ...edits.filter(({ message }) => !gone.has(message)).map(({ text }) => text)];
  const replies = all.filter(({ role, ordinal }) => role !== "person" && ordinal > first);
  return (await findRepeating<ArchivedMessage | RememberedMessage>(replies, lost, others)).map(
    ({ id, revision, posts = [] }) => ({ conversation, platform, place, message: id, revision, posts }),
  );
}
