import type { Message } from "./message.ts";
import type { RememberedMessage } from "./conversation-memory.ts";

/** One author's messages before a time. */
interface AuthorCutoff {
  /** The Author's id. */
  readonly author: string;
  readonly beforeMs: number;
}

/** Whether the author wrote the message before the cutoff. Never true for the bot's replies. */
export function isSaidBy(
  { author, beforeMs }: AuthorCutoff,
  message: Pick<Message, "author" | "saidAtMs"> & Partial<Pick<RememberedMessage, "role">>,
): boolean {
  const { role = "person" } = message;
  return role === "person" && message.author.id === author && message.saidAtMs < beforeMs;
}
