import type { ConversationMemory, RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import { memoryOf } from "../core/memory-of.ts";

/** A message of the web chat as it is remembered. Ids that begin with a t are answers. */
export function remembered(
  ordinal: number,
  id: string,
  text: string,
  more: Partial<RememberedMessage> = {},
): RememberedMessage {
  return {
    id,
    text,
    role: id.startsWith("t") ? "bot" : "person",
    author: { id: "x", name: "x" },
    speaker: "x",
    attachments: [],
    tokens: 1,
    answers: [],
    saidAtMs: ordinal,
    chapter: 1,
    ordinal,
    revision: 1,
    ...more,
  };
}

/** What is remembered of a user's conversation. */
export function webMemory(
  user: string,
  messages: readonly RememberedMessage[],
  {
    conversation = "c1",
    ...more
  }: Partial<Omit<ConversationMemory, "conversation">> & { conversation?: string } = {},
): ConversationMemory {
  return memoryOf(`web:${user}:${conversation}`, {
    platform: "web",
    place: user,
    messages,
    nextOrdinal: (messages.at(-1)?.ordinal ?? 0) + 1,
    ...more,
  });
}
