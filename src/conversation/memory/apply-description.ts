import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { describeImage } from "../../domain/describe-image.ts";
import type { Described } from "../../domain/own-inbounds.ts";
import { addTokenCount, type CountTokens } from "./remembered-message.ts";

/**
 * Adds the description of an image to its message. Nothing changes if the message or the image is gone. A description for a
 * message that left memory is kept for the archive, which drops it if it does not have the message either.
 */
export function applyDescription(
  memory: ConversationMemory,
  { message: id, file, text }: Described,
  countTokens: CountTokens,
): ConversationMemory {
  const known = memory.messages.find((message) => message.id === id);
  const { revision, descriptions = [] } = memory;
  if (known === undefined) {
    const isErased = memory.erasures.some((each) => each.kind === "message" && each.message === id);
    if (text === undefined || isErased || memory.nextOrdinal === 1) return memory;
    return { ...memory, descriptions: [...descriptions, { revision, message: id, file, text }] };
  }
  const described = describeImage(known, { file, ...(text === undefined ? {} : { text }) });
  if (described === known) return memory;
  const counted = addTokenCount({ ...described, revision }, countTokens);
  return { ...memory, messages: memory.messages.map((each) => (each === known ? counted : each)) };
}
