// The words of this code base, where a reader meets them first:
//
//   Platform       a chat service people use to reach the bot: Slack, Discord, the web chat
//   Conversation   one thread of talk that is kept apart: a Slack thread, a Discord thread, a DM
//   Inbound        one thing that happened for the bot: said, edited, deleted, commanded, stopped
//   Inbox          what a conversation has yet to take, in the order of acceptance
//   Turn           everything from the Inbounds that it covers to their finished Reply
//   Reply          what the bot answers in one turn; it is written as one or more Posts
//   Post           one message as the platform counts it
//   Piece          a bit of streamed text
//   Recollection   what the bot remembers of one conversation
//   Window         the newest messages that fit the token budget
//   Chapter        the part of a conversation since the last /reset
//   Prompt         everything given to the model for one turn
//   Epoch, Lease   who may write for a conversation: taking it raises the epoch and names the lease, others are refused

/**
 * Names one conversation for ever; the first part is the platform's name.
 * `slack:<team>:<channel>:<thread_ts>`, `slack:<team>:<dm>`, `discord:<guild>:<thread or channel>`,
 * `discord:dm:<channel>`, `web:<user>:<conversation>`.
 */
export type ConversationKey = `${string}:${string}`;

/** Reads a key that was written before. @throws {TypeError} when it is none. */
export function conversationKey(text: unknown): ConversationKey {
  if (!isConversationKey(text)) throw new TypeError("Not the key of a conversation");
  return text;
}

export function isConversationKey(text: unknown): text is ConversationKey {
  return typeof text === "string" && /^[^:]+:./u.test(text);
}

/** The lane beside a conversation: an inbox of its own, for what runs there while the conversation goes on. */
export function backgroundInboxOf(conversation: ConversationKey): ConversationKey {
  return `beside:${conversation}`;
}

/** One line of the directory of conversations. */
export interface DirectoryEntry {
  readonly conversation: ConversationKey;
  readonly platform: string;
  /** Where the conversation is listed: a channel with its workspace, or the user of the web chat. */
  readonly place: string;
  /** The beginning of what was first said, or the name that a person gave. May be empty. */
  readonly title: string;
  readonly lastAtMs: number;
}
