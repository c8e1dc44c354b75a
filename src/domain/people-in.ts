import type { ConversationMemory, Speaker } from "./conversation-memory.ts";

/**
 * The Author ids of the people who have written, without apps and without authors who were only quoted.
 */
export function peopleIn(speakers: readonly Speaker[]): readonly string[] {
  return speakers.filter(({ isApp, isQuoted }) => isApp !== true && isQuoted !== true).map(({ id }) => id);
}

/** Whether more than one person has written in a conversation. */
export function hasSeveralPeople({ speakers }: Pick<ConversationMemory, "speakers">): boolean {
  return peopleIn(speakers).length > 1;
}
