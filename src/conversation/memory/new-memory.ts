import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";

/** The platform and place under which a conversation is listed. */
export type ConversationLocation = Pick<ConversationMemory, "platform" | "place">;

/** Memory of a conversation without messages. */
export function emptyMemory(
  conversation: ConversationKey,
  location: ConversationLocation,
): ConversationMemory {
  return {
    version: 2,
    conversation,
    ...location,
    revision: 0,
    base: 0,
    chapter: 1,
    since: 1,
    nextOrdinal: 1,
    messages: [],
    windowFrom: 1,
    leftOut: 0,
    erasures: [],
    edits: [],
    speakers: [],
  };
}

/**
 * Sets the revision for the next write; every message changed in that write carries it. Revisions are times (ms), or one
 * more than the last. So if a store loses its latest writes, later revisions still exceed the lost ones that the archive
 * may hold.
 */
export function advanceRevision(
  before: ConversationMemory,
  location: ConversationLocation,
  nowMs: number,
): ConversationMemory {
  const revision = Math.max(before.revision + 1, nowMs);
  return { ...before, ...(location.place === "" ? {} : location), revision };
}
