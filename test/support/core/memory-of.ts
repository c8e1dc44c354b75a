import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";

/** Memory of a conversation after its first turn, unless overridden. */
export function memoryOf(
  conversation: ConversationKey,
  more: Partial<ConversationMemory> = {},
): ConversationMemory {
  return { ...emptyMemory(conversation, { platform: "fake", place: "room" }), revision: 1, ...more };
}
