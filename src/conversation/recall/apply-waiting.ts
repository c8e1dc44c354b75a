import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../../domain/inbound.ts";
import { editMessage } from "../../domain/edit-message.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { isMessageChange } from "../../domain/message-change.ts";

/** What still waits in the inboxes of conversations. */
export type WaitingEntries = ReadonlyMap<ConversationKey, readonly InboxEntry[]>;

/**
 * Applies the edits and deletions that still wait to messages that were found: a search may overtake them. Leaves out the
 * replies to what they change.
 */
export function applyWaiting(
  waiting: WaitingEntries,
  found: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  return found.flatMap((message) => {
    const inbounds = (waiting.get(message.conversation) ?? []).map(({ inbound }) => inbound);
    if (inbounds.some((inbound) => removes(inbound, message))) return [];
    let now = message;
    for (const each of inbounds)
      if (each.kind === "edited" && each.message === message.id) now = editMessage(now, each);
    return [now];
  });
}

function removes(inbound: Inbound, message: ArchivedMessage): boolean {
  if (inbound.kind === "erased") return true;
  if (inbound.kind === "forgot") return isSaidBy(inbound, message);
  if (inbound.kind === "expired") return message.saidAtMs < inbound.beforeMs;
  if (!isMessageChange(inbound)) return false;
  const isOfIt = inbound.kind === "deleted" && inbound.message === message.id;
  return isOfIt || message.answers.includes(inbound.message);
}
