import type { ConversationKey } from "./conversation.ts";
import type { Author, Message, MessageId, PostId, TurnId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { Right } from "./rights.ts";
import type { Source } from "./conversation-memory.ts";
import type { Summary } from "./summary.ts";
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

/** The author changed the text of a message. */
export interface Edited extends InboundBase {
  readonly kind: "edited";
  readonly message: MessageId;
  readonly text: string;
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
  /** It was given outside of any conversation; `conversation` only names the place. Missing: it was given in one. */
  readonly isOutside?: true;
}

/** The actions of buttons. What each does is decided in `conversation/inbounds/press-actions.ts`. */
export type ActionId = "give-command" | "stop";

/** A person pressed a button of the bot. When it is accepted, it becomes what its action means. */
export interface Pressed extends InboundBase {
  readonly kind: "pressed";
  /** An ActionId. A post of another version may have a button with another one: such a press changes nothing. */
  readonly action: string;
  /** What the button belongs to: the id of an offer, or the conversation whose answer is shown. */
  readonly on: string;
  readonly by: Author;
  readonly pressedAtMs: number;
  /** What the button says to its action. Missing: the action needs nothing. */
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
}

/** A person deleted the whole conversation. Everything stored about it is erased. */
export interface Erased extends InboundBase {
  readonly kind: "erased";
}

/**
 * A command in the background inbox of its conversation, or in the command inbox of its person. The bot itself creates this
 * inbound and all below.
 */
export interface Delegated extends InboundBase {
  readonly kind: "delegated";
  readonly command: CommandInbound;
  /** The conversation's chapter when the command was given. A reset cancels the command. Missing: it concerns no conversation. */
  readonly chapter?: number;
}

/** A change to a message whose conversation is unknown while the archive is unreachable. Waits for the archive. */
export interface Unlocated extends InboundBase {
  readonly kind: "unplaced";
  readonly message: MessageId;
  readonly change: Edited | Deleted;
}

/** A background command posted a public answer, which its conversation must remember. */
export interface Announced extends InboundBase {
  readonly kind: "announced";
  /** The id under which the answer is remembered. */
  readonly message: MessageId;
  readonly text: string;
  readonly posts: readonly PostId[];
  readonly sources: readonly Source[];
  readonly atMs: number;
  /** The turn of the command. Missing in records of older versions. */
  readonly turnId?: TurnId;
}

/**
 * An answered question was edited, or one of the questions answered with it was deleted. It is answered again, in the same
 * posts.
 */
export interface Reasked extends InboundBase {
  readonly kind: "reasked";
  readonly message: MessageId;
  readonly author: Author;
  /** The remembered reply to replace. */
  readonly reply: MessageId;
  readonly posts: readonly PostId[];
  /** All messages that the reply answers. */
  readonly answers: readonly MessageId[];
  readonly replyTo: ReplyAddress;
}

/** A reply was made from a message that was removed, so it is removed too. */
export interface Retracted extends InboundBase {
  readonly kind: "retracted";
  readonly message: MessageId;
  /** The posts that show the reply. */
  readonly posts: readonly PostId[];
  /** Remove it from memory only; its posts stay visible. Missing: the posts are deleted too. */
  readonly staysShown?: true;
}

/** An erasure request: every message of one author before `beforeMs` is erased. */
export interface AuthorErased extends InboundBase {
  readonly kind: "forgot";
  /** The id of the ErasureRequest. */
  readonly forgetting: string;
  /** The Author's id. */
  readonly author: string;
  readonly beforeMs: number;
}

/** The retention period of messages before `beforeMs` has ended. */
export interface Expired extends InboundBase {
  readonly kind: "expired";
  readonly beforeMs: number;
}

/** The time to undo an erasure has ended. Messages below `beforeOrdinal` are erased now. */
export interface Lapsed extends InboundBase {
  readonly kind: "lapsed";
  readonly beforeOrdinal: number;
}

/**
 * Memory may be older than the archive, or hold texts that were erased there. The turn compares both, and writes memory as
 * it should be.
 */
export interface Outdated extends InboundBase {
  readonly kind: "outdated";
}

/** A new summary of messages that left the window, made in the background. */
export interface Summarized extends InboundBase {
  readonly kind: "folded";
  /** The memory's base when the messages were read. If it has grown since, the summary may be dropped: see BaseChanges. */
  readonly base: number;
  readonly summary: Summary;
}

/** The model was asked for a title, in the background. */
export interface Titled extends InboundBase {
  readonly kind: "titled";
  /** The messages that the title was made from. */
  readonly from: readonly MessageId[];
  /** The memory's revision when the messages were read. If one was changed or removed since, the title is dropped. */
  readonly revision: number;
  /** Missing: the model gave no title. It is not asked again. */
  readonly title?: string;
}

/**
 * Every kind of inbound, by the name under which it is stored. A kind whose type only the core needs adds itself from its
 * own file in `conversation/inbounds`: see docs/development.md.
 */
export interface InboundKinds {
  readonly said: Said;
  readonly edited: Edited;
  readonly deleted: Deleted;
  readonly commanded: CommandInbound;
  readonly pressed: Pressed;
  readonly stopped: Stopped;
  readonly erased: Erased;
  readonly delegated: Delegated;
  readonly unplaced: Unlocated;
  readonly announced: Announced;
  readonly reasked: Reasked;
  readonly retracted: Retracted;
  readonly forgot: AuthorErased;
  readonly expired: Expired;
  readonly lapsed: Lapsed;
  readonly outdated: Outdated;
  readonly folded: Summarized;
  readonly titled: Titled;
}

/** One event for a conversation, from a platform or from the bot itself. All kinds share one inbox and one order. */
export type Inbound = InboundKinds[keyof InboundKinds];

/** The inbounds that change memory and need no answer. */
export type Change = Exclude<
  Inbound,
  Said | CommandInbound | Stopped | Erased | Delegated | Unlocated | Reasked
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
