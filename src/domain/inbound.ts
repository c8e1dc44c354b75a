import type { ConversationKey } from "./conversation.ts";
import type { Attachment, Author, Message, MessageId, TurnId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { Right } from "./rights.ts";
/**
 * The audience of a message, as far as the platform can tell. Whether it is answered is decided in `conversation/addressing`.
 * `mention`: mentions the bot. `direct`: a DM or the web chat. `reply`: replies to a post of the bot.
 * `others`: mentions or replies to other people. `open`: mentions no one.
 */
export type Addressing = "mention" | "direct" | "reply" | "others" | "open";

/** What all inbounds have. */
export interface InboundBase {
  readonly conversation: ConversationKey;
  /** Identical for every delivery of one platform event, and unique across platforms. */
  readonly dedupeId: string;
  readonly platform: string;
  /** Where the conversation is listed in the directory; see DirectoryEntry. */
  readonly place: string;
}

/** A message was written, by a person or an app. Messages of apps are remembered and not answered: see `mayCall`. */
export interface Said extends InboundBase {
  readonly kind: "said";
  readonly message: Message;
  readonly addressing: Addressing;
  readonly replyTo: ReplyAddress;
  /** The downtime in which the message was written. Missing: it was received live. */
  readonly missed?: Downtime;
  /** The author is an app that the operator allows to call the bot. Missing: a person, or any other app. */
  readonly mayCall?: true;
}

/** A period in which the bot received nothing from a platform. */
export interface Downtime {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The author changed the text or the files of a message. */
export interface Edited extends InboundBase {
  readonly kind: "edited";
  readonly message: MessageId;
  readonly text: string;
  /** All its files by now. Missing: they stay, the platform does not tell them, or an older record. */
  readonly attachments?: readonly Attachment[];
  /** Where an answer goes. Missing in records of format 2. */
  readonly replyTo?: ReplyAddress;
  /**
   * The edited message as a new inbound; set when its text now mentions the bot. It is answered once, if the message was
   * not answered before. Missing: the text does not mention the bot.
   */
  readonly call?: Said;
  /** The message did not mention the bot before, or was never received. If it is not remembered, it counts as a new message. */
  readonly isNewCall?: true;
  /**
   * An app edited its own post (a progress display), or the platform did (a link preview). The edit is applied and needs no
   * answer. Missing: a person edited it, or the platform does not say.
   */
  readonly isByApp?: true;
}

/** A message was deleted. */
export interface Deleted extends InboundBase {
  readonly kind: "deleted";
  readonly message: MessageId;
  /** Where a new answer goes, if the message was answered together with others. Missing: unknown, or an older record. */
  readonly replyTo?: ReplyAddress;
}

/** A person gave a command: `/reset`, a button, `@bot summary`. */
export interface CommandInbound extends InboundBase {
  readonly kind: "commanded";
  /** The name of a CommandDefinition, without the slash. */
  readonly name: string;
  /** The text after the name, trimmed. May be empty. */
  readonly argument: string;
  readonly by: Author;
  readonly saidAtMs: number;
  /** The message that contains the command. Missing: a slash command or a button. */
  readonly message?: MessageId;
  /** The person's rights, as delivered with the command. Missing: the platform is asked. */
  readonly rights?: readonly Right[];
  /** Reaches the person alone where the platform can do that. */
  readonly replyTo: ReplyAddress;
  /**
   * It was given outside of any conversation that the bot is in; `conversation` names the place, or a thread that the bot does
   * not know. Missing: it was given in one.
   */
  readonly isOutside?: true;
  /** The message that it was given about, as its author wrote it. Missing: none, or the conversation itself. */
  readonly about?: Said;
  /**
   * The message whose reaction stands for it: `mute` where a person added the reaction, `unmute` where it was removed. It
   * begins no conversation. Missing: it was given in another way.
   */
  readonly reactedTo?: MessageId;
  /** All such reactions to that message were removed. The platform does not tell who did, so `by` is the bot. */
  readonly ofEveryone?: true;
}

/** The actions of buttons. What each does is decided in `conversation/inbounds/press-actions.ts`. */
export type ActionId =
  | "give-command"
  | "stop"
  | "approve"
  | "decline"
  | "regenerate"
  | "continue"
  | "thumbs-up"
  | "thumbs-down";

/** A person pressed a button of the bot. When it is accepted, it becomes what its action means. */
export interface Pressed extends InboundBase {
  readonly kind: "pressed";
  /** An ActionId. A post of another version may have a button with another one: such a press changes nothing. */
  readonly action: string;
  /** What the button belongs to: the id of an offer, a request or a turn, or the conversation whose answer is shown. */
  readonly on: string;
  readonly by: Author;
  readonly pressedAtMs: number;
  /** What the button says to its action, or what the person wrote in its form. Missing: neither. */
  readonly value?: string;
  /** The person's rights, as delivered with the press. Missing: the platform is asked. */
  readonly rights?: readonly Right[];
  /** Reaches the person alone where the platform can do that. */
  readonly replyTo: ReplyAddress;
  /** As of a CommandInbound. */
  readonly isOutside?: true;
}

/** A person pressed Stop during an answer. */
export interface Stopped extends InboundBase {
  readonly kind: "stopped";
  /** The turn whose answer it ends: once that is over, it changes nothing. Missing: whichever answer runs. */
  readonly turn?: TurnId;
  /** By the platform's clock. Does not end the answer to what was said later. Missing: it names its turn, or is not known. */
  readonly pressedAtMs?: number;
}

/** A person deleted the whole conversation. Everything stored about it is erased. */
export interface Erased extends InboundBase {
  readonly kind: "erased";
}

/** The bot was added to a place, where it introduces itself. It leaves no conversation behind. */
export interface Joined extends InboundBase {
  readonly kind: "joined";
  readonly replyTo: ReplyAddress;
}

/**
 * Every kind of inbound, by the name under which it is stored: these, those in own-inbounds.ts, and kinds whose type only
 * their own file in `conversation/inbounds` needs. See docs/development.md.
 */
export interface InboundKinds {
  readonly said: Said;
  readonly edited: Edited;
  readonly deleted: Deleted;
  readonly commanded: CommandInbound;
  readonly pressed: Pressed;
  readonly stopped: Stopped;
  readonly erased: Erased;
  readonly joined: Joined;
}

/** One event for a conversation, from a platform or from the bot itself. All kinds share one inbox and one order. */
export type Inbound = InboundKinds[keyof InboundKinds];

/** The inbounds that change memory and need no answer. */
export type Change = Exclude<
  Inbound,
  {
    readonly kind:
      | "said"
      | "commanded"
      | "stopped"
      | "erased"
      | "joined"
      | "delegated"
      | "unplaced"
      | "reasked";
  }
>;

/**
 * Identifies an InboxEntry permanently. `seq` alone does not: a store that lost its last second gives a number twice. Only
 * stores create and parse it.
 */
export type EntryId = string;

/** An Inbound that was stored in the inbox of its conversation. */
export interface InboxEntry {
  readonly id: EntryId;
  /** The order of acceptance within the conversation. Ascends, with gaps. */
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly inbound: Inbound;
}
