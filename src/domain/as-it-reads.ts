import type { LedgerMessage } from "./ledger.ts";
import type { Erasure, Recollection, RememberedMessage } from "./recollection.ts";

/** What the ledger has of a conversation, without what is to go and with texts that were changed: it hears of both a little later. */
export function asItReads(
  { conversation, erasures, edits, messages }: Recollection,
  filed: readonly LedgerMessage[],
): readonly LedgerMessage[] {
  const texts = new Map(messages.map(({ id, text }) => [id, text]));
  for (const { message, text } of edits) texts.set(message, text);
  return filed.flatMap((message) => {
    if (message.conversation !== conversation) return [message];
    if (erasures.some((each) => isMeant(each, message))) return [];
    const text = texts.get(message.id);
    return [text === undefined ? message : { ...message, text }];
  });
}

/** Whether an erasure means this message of its conversation. */
export function isMeant(erasure: Erasure, { id, ordinal, author }: LedgerMessage): boolean {
  if (erasure.kind === "message") return erasure.message === id;
  return ordinal < erasure.beforeOrdinal && (erasure.kind === "all" || erasure.author === author.id);
}

/** A message of the archive, as memory holds one; its tokens are to be counted. */
export function asRemembered(message: LedgerMessage): Omit<RememberedMessage, "tokens"> {
  const { conversation: _, platform: _platform, place: _place, ...remembered } = message;
  return remembered;
}
