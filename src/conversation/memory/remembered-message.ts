import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { maxQuotedLines } from "../text/forged-lines.ts";
import { formatMessage } from "../text/format-message.ts";

/** Counts tokens as the model does. Cost: linear in the text. */
export type CountTokens = (text: string) => number;

/** Whether prompts may hold the message. Notices of the bot and questions that were given up are excluded. */
export function isForModel({ role, isGivenUp }: Pick<RememberedMessage, "role" | "isGivenUp">): boolean {
  return role !== "notice" && isGivenUp !== true;
}

/** Replaces a message's text and recounts its tokens. Takes the memory's revision; lifts `isGivenUp`. */
export function replaceText(
  message: RememberedMessage,
  text: string,
  { revision }: ConversationMemory,
  countTokens: CountTokens,
): RememberedMessage {
  const { isGivenUp: _, ...rest } = message;
  return addTokenCount({ ...rest, text, revision }, countTokens);
}

/** Counts a message's tokens once, to be stored with it. 0 for what prompts never hold. */
export function addTokenCount(
  message: Omit<RememberedMessage, "tokens">,
  countTokens: CountTokens,
): RememberedMessage {
  // Providers add about 4 tokens per message, and each quotation mark costs one.
  const marks = message.role === "person" ? maxQuotedLines(message.text) : 0;
  return { ...message, tokens: isForModel(message) ? countTokens(formatMessage(message)) + marks + 4 : 0 };
}
