import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";

/** Where a conversation is listed. */
export type ConversationLocation = Pick<ConversationMemory, "platform" | "place">;

/** The memory of a conversation in which nothing has been said. */
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
 * The memory that the next write will leave; what changes in it carries its revision. That is a time: where the store comes
 * back in an older form, its next revisions are newer than those that it has lost, which the archive may have.
 */
export function advanceRevision(
  before: ConversationMemory,
  location: ConversationLocation,
  nowMs: number,
): ConversationMemory {
  const revision = Math.max(before.revision + 1, nowMs);
  return { ...before, ...(location.place === "" ? {} : location), revision };
}
