import type { Message } from "./message.ts";
import type { RememberedMessage } from "./conversation-memory.ts";

/** Whose words are to go, and until when. */
interface AuthorCutoff {
  /** The Author's id. */
  readonly author: string;
  readonly beforeMs: number;
}

/** Whether a message is one that a person wants forgotten; replies of ours are not theirs. */
export function isSaidBy(
  { author, beforeMs }: AuthorCutoff,
  message: Pick<Message, "author" | "saidAtMs"> & Partial<Pick<RememberedMessage, "role">>,
): boolean {
  const { role = "person" } = message;
  return role === "person" && message.author.id === author && message.saidAtMs < beforeMs;
}
