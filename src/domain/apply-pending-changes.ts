import type { ArchivedMessage } from "./archive.ts";
import type { MessageId } from "./message.ts";
import type { Erasure, ConversationMemory, RememberedMessage } from "./conversation-memory.ts";

/** What the ledger has of a conversation, without what is to go and with texts that were changed: it hears of both a little later. */
export function applyPendingChanges(
  { conversation, erasures, edits, messages }: ConversationMemory,
  filed: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  const texts = new Map(messages.map(({ id, text }) => [id, text]));
  for (const { message, text } of edits) texts.set(message, text);
  const isMeant = erasedBy(erasures);
  return filed.flatMap((message) => {
    if (message.conversation !== conversation) return [message];
    if (isMeant(message)) return [];
    const text = texts.get(message.id);
    return [text === undefined ? message : { ...message, text }];
  });
}

/** Whether one of the erasures means a message of their conversation. Looked at once, however many there are. */
export function erasedBy(
  erasures: readonly Erasure[],
): (message: Pick<ArchivedMessage, "id" | "ordinal" | "author">) => boolean {
  const ids = new Set<MessageId>();
  const authors = new Map<string, number>();
  let all = 0;
  for (const erasure of erasures) {
    if (erasure.kind === "message") ids.add(erasure.message);
    else if (erasure.kind === "all") all = Math.max(all, erasure.beforeOrdinal);
    else authors.set(erasure.author, Math.max(authors.get(erasure.author) ?? 0, erasure.beforeOrdinal));
  }
  return ({ id, ordinal, author }) => ids.has(id) || ordinal < Math.max(all, authors.get(author.id) ?? 0);
}

/** A message of the archive, as memory holds one; its tokens are to be counted. */
export function toRemembered(message: ArchivedMessage): Omit<RememberedMessage, "tokens"> {
  const { conversation: _, platform: _platform, place: _place, ...remembered } = message;
  return remembered;
}
