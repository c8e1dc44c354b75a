import type { ConversationKey } from "./conversation.ts";
import type { Author, Message, MessageId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";

/**
 * Whom a message is for, as far as the platform can tell.
 * `mention`: names the bot. `direct`: a DM or the web chat. `reply`: answers a post of the bot.
 * `others`: names other people, or answers them. `open`: names nobody; memory decides.
 */
export type Addressing = "mention" | "direct" | "reply" | "others" | "open";

interface InboundBase {
  readonly conversation: ConversationKey;
  /** The same for every delivery of the same platform event. Unique over all platforms. */
  readonly dedupeId: string;
  readonly platform: string;
  /** Where the conversation is listed in the directory; see DirectoryEntry. */
  readonly place: string;
}

/** A person wrote a message. */
export interface Said extends InboundBase {
  readonly kind: "said";
  readonly message: Message;
  readonly addressing: Addressing;
  readonly replyTo: ReplyAddress;
}

/** A person changed the text of a message. */
export interface Edited extends InboundBase {
  readonly kind: "edited";
  readonly message: MessageId;
  readonly text: string;
}

/** A person took a message back. */
export interface Deleted extends InboundBase {
  readonly kind: "deleted";
  readonly message: MessageId;
}

/** A person ordered something: `/reset`, a button, `@bot summary`. */
export interface Commanded extends InboundBase {
  readonly kind: "commanded";
  /** The name of a CommandDefinition, without the slash. */
  readonly name: string;
  /** What stood behind the name, trimmed. Empty when nothing did. */
  readonly argument: string;
  readonly by: Author;
  readonly saidAtMs: number;
  /** Leads back to the asker alone wherever the platform can do that. */
  readonly replyTo: ReplyAddress;
}

/** A person pressed Stop while an answer was being written. */
export interface Stopped extends InboundBase {
  readonly kind: "stopped";
}

/** A person deleted the whole conversation: everything kept of it goes. */
export interface Erased extends InboundBase {
  readonly kind: "erased";
}

/** One thing that happened for the bot, normalised by a platform. */
export type Inbound = Said | Edited | Deleted | Commanded | Stopped | Erased;

/** An Inbound in the inbox of its conversation. */
export interface InboxEntry {
  /** The order of acceptance within a conversation; grows, with gaps. */
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly inbound: Inbound;
}
