import type { ConversationKey } from "./conversation.ts";
import type { Message, MessageId, TurnId } from "./message.ts";

/** A message as the bot remembers it. */
export interface RememberedMessage extends Message {
  /** `notice`: a line of the bot's about itself (an apology); people see it in a history, the model doesn't. */
  readonly role: "person" | "bot" | "notice";
  /** The name used in prompts: the author's, made unique among the speakers of this conversation. */
  readonly speaker: string;
  /** Counted once, by the model's own tokenizer, when the message was remembered. */
  readonly tokens: number;
  readonly chapter: number;
  /** The messages that this reply answers. Empty for what people said. */
  readonly answers: readonly MessageId[];
}

/** Somebody who has written in a conversation, ever. */
export interface Speaker {
  readonly id: string;
  readonly label: string;
}

/** What the bot remembers of one conversation: a bounded record, replaced as a whole. */
export interface Recollection {
  readonly version: 1;
  readonly conversation: ConversationKey;
  /** Starts at 1; `/reset` opens the next one. Prompts hold the current chapter only. */
  readonly chapter: number;
  /** Oldest first; earlier chapters before the current one. */
  readonly messages: readonly RememberedMessage[];
  /** How many messages of the current chapter have left the window. */
  readonly leftOut: number;
  /** In the order in which they first wrote. */
  readonly speakers: readonly Speaker[];
  /** The turn that wrote this record: writing it a second time changes nothing. */
  readonly lastTurn?: TurnId;
}
