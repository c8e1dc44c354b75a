import type { Content } from "../../domain/content.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { editMessage } from "../../domain/edit-message.ts";
import type { Attachment } from "../../domain/message.ts";
import { maxQuotedLines } from "../text/forged-lines.ts";
import { formatContent } from "../text/format-message.ts";

/** Counts tokens as the model does. Cost: linear in the text. */
export type CountTokens = (content: Content) => number;

/** Whether prompts may hold the message. Notices of the bot and questions that were given up are excluded. */
export function isForModel({ role, isGivenUp }: Pick<RememberedMessage, "role" | "isGivenUp">): boolean {
  return role !== "notice" && isGivenUp !== true;
}

/** Applies an edit to a message and recounts its tokens. Takes the memory's revision; lifts `isGivenUp`. */
export function applyEditTo(
  message: RememberedMessage,
  edit: Pick<ConversationMemory["edits"][number], "text" | "attachments">,
  { revision }: Pick<ConversationMemory, "revision">,
  countTokens: CountTokens,
): RememberedMessage {
  const { isGivenUp: _, ...rest } = message;
  return addTokenCount({ ...editMessage(rest, edit), revision }, countTokens);
}

/** Counts the tokens of a message and of its files once, to be stored with them. 0 for what prompts never hold. */
export function addTokenCount(
  message: Omit<RememberedMessage, "tokens">,
  countTokens: CountTokens,
): RememberedMessage {
  if (!isForModel(message)) return { ...message, tokens: 0 };
  // Providers add about 4 tokens per message, and each quotation mark costs one.
  const marks = message.role === "person" ? maxQuotedLines(message.text) : 0;
  const counted = {
    ...message,
    attachments: message.attachments.map((file) => countFile(file, countTokens)),
  };
  return { ...counted, tokens: countTokens(formatContent(counted)) + marks + 4 };
}

function countFile(file: Attachment, countTokens: CountTokens): Attachment {
  if (file.tokens !== undefined) return file;
  const tokens = countTokens([{ kind: "file", ...file }]);
  // 0: tokens are not counted now, as for a turn that was given up.
  return tokens === 0 ? file : { ...file, tokens };
}
