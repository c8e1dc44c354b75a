import type { ConversationMemory, Speaker } from "./conversation-memory.ts";

/**
 * The Author's ids of the people among those who have written: apps are heard, and count as nobody, as does who was only
 * quoted.
 */
export function peopleIn(speakers: readonly Speaker[]): readonly string[] {
  return speakers.filter(({ isApp, isQuoted }) => isApp !== true && isQuoted !== true).map(({ id }) => id);
}

/** Whether several people talk in a conversation. */
export function hasSeveralPeople({ speakers }: Pick<ConversationMemory, "speakers">): boolean {
  return peopleIn(speakers).length > 1;
}
