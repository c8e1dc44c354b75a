import type { ConversationKey } from "../../../domain/conversation.ts";
import type { InboxEntry } from "../../../domain/inbound.ts";
import type { Inbox } from "../../../ports/inbox.ts";

/** Of about 200 entries each. */
const maxBatches = 10;

/** What waits in an inbox, oldest first, far beyond what one turn covers: an edit or a deletion may be the newest entry. */
export async function readInbox(
  inbox: Pick<Inbox, "waiting">,
  key: ConversationKey,
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const entries: InboxEntry[] = [];
  for (let batches = 0; batches < maxBatches; batches += 1) {
    const batch = await inbox.waiting(key, signal, entries.at(-1)?.seq);
    if (batch.length === 0) break;
    entries.push(...batch);
  }
  return entries;
}
