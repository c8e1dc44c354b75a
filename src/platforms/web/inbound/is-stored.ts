import type { MessageId } from "../../../domain/message.ts";
import type { Inbox } from "../../../ports/inbox.ts";
import type { Memory } from "../../../ports/memory.ts";
import { readInbox } from "../history/read-inbox.ts";
import { keyFor, type WebPlace } from "../wire/keys.ts";

interface StoredPorts {
  readonly inbox: Pick<Inbox, "waiting">;
  readonly memories: Memory;
}

/** Whether a message waits or is remembered: a page that missed `accepted` sends it again. @throws {InboxError}, {MemoryError} */
export async function isStored(
  { inbox, memories }: StoredPorts,
  place: WebPlace,
  message: MessageId,
  signal: AbortSignal,
): Promise<boolean> {
  const key = keyFor(place);
  // The inbox first: the turn that takes an entry out of it has put it into memory by then.
  const entries = await readInbox(inbox, key, signal);
  const isWaiting = entries.some(({ inbound }) => inbound.kind === "said" && inbound.message.id === message);
  if (isWaiting) return true;
  const { memory } = await memories.read(key, signal);
  return memory?.messages.some(({ id }) => id === message) === true;
}
