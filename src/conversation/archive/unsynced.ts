import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { MessageId } from "../../domain/message.ts";

/** The changes that the archive does not have yet. */
export interface Unsynced {
  readonly erasures: ConversationMemory["erasures"];
  /** The single messages among the erasures. */
  readonly gone: readonly MessageId[];
  readonly edits: ConversationMemory["edits"];
  readonly descriptions: NonNullable<ConversationMemory["descriptions"]>;
  readonly messages: readonly RememberedMessage[];
  readonly records: NonNullable<ConversationMemory["records"]>;
  readonly feedback: NonNullable<ConversationMemory["feedback"]>;
}

export function unsyncedIn(
  { erasures, edits, descriptions = [], messages, records = [], feedback = [] }: ConversationMemory,
  syncedRevision: number,
): Unsynced {
  const isFresh = ({ revision }: { readonly revision: number }): boolean => revision > syncedRevision;
  const fresh = erasures.filter(isFresh);
  return {
    erasures: fresh,
    gone: fresh.flatMap((each) => (each.kind === "message" ? [each.message] : [])),
    edits: edits.filter(isFresh),
    descriptions: descriptions.filter(isFresh),
    messages: messages.filter(isFresh),
    records: records.filter(isFresh),
    feedback: feedback.filter(isFresh),
  };
}
