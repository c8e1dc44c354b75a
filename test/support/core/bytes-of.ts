import { defaultSerialize } from "@keyv/serialize";

import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";

/** What Keyv stores for a memory in one record, as versions up to format 3 wrote it. */
export function bytesOf(memory: ConversationMemory): string {
  return defaultSerialize({ value: memory });
}
