import type { Titled } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { currentMessages } from "./chapters.ts";

/**
 * A title that was made of something that has gone or changed since, or that was reset, is dropped: the next answer asks
 * for another one. There is one title at most.
 */
export function applyTitle(
  memory: ConversationMemory,
  { from, revision, title }: Titled,
): ConversationMemory {
  if (memory.titledFrom !== undefined) return memory;
  const asRead = currentMessages(memory).filter((each) => each.revision <= revision);
  const ids = new Set(asRead.map(({ id }) => id));
  if (!from.every((id) => ids.has(id))) return memory;
  return { ...memory, titledFrom: title === undefined ? [] : from };
}
