import type { Titled } from "../../domain/own-inbounds.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { currentMessages } from "./chapters.ts";

/**
 * Stores the result of the title request. Ignored if a title exists, or if a message it was made from was changed, removed
 * or reset since; the next answer requests another one.
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
