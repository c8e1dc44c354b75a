import type { ArchivedMessage, ArchivedOutline } from "./archive.ts";
import { editMessage } from "./edit-message.ts";
import type { MessageId } from "./message.ts";
import type { Erasure, ConversationMemory, RememberedMessage } from "./conversation-memory.ts";

type ArchivedEdit = ConversationMemory["edits"][number];

/**
 * Archived messages as they read now: without erased messages, and with edited texts and files. Memory knows of both before the
 * archive does. Messages of other conversations pass unchanged. Keeps the order.
 */
export function applyPendingChanges(
  { conversation, erasures, edits, messages }: ConversationMemory,
  archived: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  const now = new Map<MessageId, Pick<ArchivedEdit, "text" | "attachments">>(
    messages.map((message) => [message.id, message]),
  );
  for (const each of edits) now.set(each.message, each);
  const isErased = erasedBy(erasures);
  return archived.flatMap((message) => {
    if (message.conversation !== conversation) return [message];
    if (isErased(message)) return [];
    const edit = now.get(message.id);
    return [edit === undefined ? message : editMessage(message, edit)];
  });
}

/** A predicate: whether any of the erasures covers a message of their conversation. Constant time per message. */
export function erasedBy(erasures: readonly Erasure[]): (message: ArchivedOutline) => boolean {
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

/** An archived message in the shape that memory holds. The caller counts its tokens. */
export function toRemembered(message: ArchivedMessage): Omit<RememberedMessage, "tokens"> {
  const { conversation: _, platform: _platform, place: _place, ...remembered } = message;
  return remembered;
}
