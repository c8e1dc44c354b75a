import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { maxQuotedLines } from "../text/forged-lines.ts";
import { formatMessage } from "../text/format-message.ts";

export type CountTokens = (text: string) => number;

/** Whether prompts hold it: neither what the bot says about itself, nor what it failed to answer again and again. */
export function isForModel({ role, isGivenUp }: Pick<RememberedMessage, "role" | "isGivenUp">): boolean {
  return role !== "notice" && isGivenUp !== true;
}

/** A message with another text, as this revision of the memory has it. */
export function replaceText(
  message: RememberedMessage,
  text: string,
  { revision }: ConversationMemory,
  countTokens: CountTokens,
): RememberedMessage {
  const { isGivenUp: _, ...rest } = message;
  return addTokenCount({ ...rest, text, revision }, countTokens);
}

/** A message with its tokens, which are counted once. */
export function addTokenCount(
  message: Omit<RememberedMessage, "tokens">,
  countTokens: CountTokens,
): RememberedMessage {
  // Providers add a few tokens of their own around every message; so does what marks a line as a quotation.
  const marks = message.role === "person" ? maxQuotedLines(message.text) : 0;
  return { ...message, tokens: isForModel(message) ? countTokens(formatMessage(message)) + marks + 4 : 0 };
}
