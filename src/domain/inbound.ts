import type { ConversationKey } from "./conversation.ts";
import type { Author, Message, MessageId, PostId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { Right } from "./rights.ts";
import type { Source } from "./conversation-memory.ts";
import type { Summary } from "./summary.ts";
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

/** Somebody wrote a message: a person, or an app, whose posts are heard and call nobody. */
export interface Said extends InboundBase {
  readonly kind: "said";
  readonly message: Message;
  readonly addressing: Addressing;
  readonly replyTo: ReplyAddress;
  /** It was read later: nobody of us listened when it was said. */
  readonly missed?: Downtime;
  /** Its author is an app that the operator lets call the bot. Missing: a person, or any other app. */
  readonly mayCall?: true;
}

/** A time in which the bot did not hear a platform. */
export interface Downtime {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The text of a message was changed, by its author. */
export interface Edited extends InboundBase {
  readonly kind: "edited";
  readonly message: MessageId;
  readonly text: string;
  /** Where an answer to it goes. Missing in what format 2 stored. */
  readonly replyTo?: ReplyAddress;
  /**
   * The message as it would be told if it were said only now: it names the bot, and did so before or not. Answered once,
   * where it was only overheard. Missing: it names others, or nobody.
   */
  readonly call?: Said;
  /** The message was no call before, or nobody has heard it: where it is not remembered, it is a call like any other. */
  readonly isNewCall?: true;
  /**
   * An app did it, which shows how its work goes on, or the platform, which shows what a link leads to: it is followed, and
   * asks for nothing. Missing: a person did it, or the platform does not say who.
   */
  readonly isByApp?: true;
}

/** A person took a message back. */
export interface Deleted extends InboundBase {
  readonly kind: "deleted";
  readonly message: MessageId;
  /** Where an answer goes to what was asked together with it. Missing: the platform does not say, or an older version stored it. */
  readonly replyTo?: ReplyAddress;
}

/** A person ordered something: `/reset`, a button, `@bot summary`. */
export interface CommandInbound extends InboundBase {
  readonly kind: "commanded";
  /** The name of a CommandDefinition, without the slash. */
  readonly name: string;
  /** What stood behind the name, trimmed. Empty when nothing did. */
  readonly argument: string;
  readonly by: Author;
  readonly saidAtMs: number;
  /** The message that it was written as. Missing: it was no message (a slash command, a button). */
  readonly message?: MessageId;
  /** What the platform said with it of the asker's rights there. Missing: it is asked. */
  readonly rights?: readonly Right[];
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

/** A command that runs beside its conversation, in the inbox of that lane. From ourselves, as all that follow. */
export interface Delegated extends InboundBase {
  readonly kind: "delegated";
  readonly command: CommandInbound;
  /** Of the conversation when it was ordered: a reset ends it. */
  readonly chapter: number;
}

/** A change of a message whose conversation only the archive could tell, which is away: it waits for that. */
export interface Unlocated extends InboundBase {
  readonly kind: "unplaced";
  readonly message: MessageId;
  readonly change: Edited | Deleted;
}

/** What a command that ran beside the conversation has shown to everybody. */
export interface Announced extends InboundBase {
  readonly kind: "announced";
  /** What it is remembered as. */
  readonly message: MessageId;
  readonly text: string;
  readonly posts: readonly PostId[];
  readonly sources: readonly Source[];
  readonly atMs: number;
}

/**
 * An answered question reads otherwise now, or what was asked together with it is gone: it is to be answered again, in the
 * same posts.
 */
export interface Reasked extends InboundBase {
  readonly kind: "reasked";
  readonly message: MessageId;
  readonly author: Author;
  /** Our answer, as it is remembered. */
  readonly reply: MessageId;
  readonly posts: readonly PostId[];
  /** All that it answers. */
  readonly answers: readonly MessageId[];
  readonly replyTo: ReplyAddress;
}

/** A reply of ours rests on something that is gone, and goes too. */
export interface Retracted extends InboundBase {
  readonly kind: "retracted";
  readonly message: MessageId;
  /** Where people see it. */
  readonly posts: readonly PostId[];
  /** Only remembered no more: what people see of it stays. */
  readonly staysShown?: true;
}

/** Everything that one person said before then is to go. */
export interface AuthorErased extends InboundBase {
  readonly kind: "forgot";
  /** The Forgetting's id. */
  readonly forgetting: string;
  /** The Author's id. */
  readonly author: string;
  readonly beforeMs: number;
}

/** What was said before then has been kept for as long as the operator wants. */
export interface Expired extends InboundBase {
  readonly kind: "expired";
  readonly beforeMs: number;
}

/** What was forgotten, and could be brought back, has not been: it is erased now. */
export interface Lapsed extends InboundBase {
  readonly kind: "lapsed";
  readonly beforeOrdinal: number;
}

/** The ledger has heard of edits of what memory no longer holds: their texts need not lie in memory either. */
interface Synced extends InboundBase {
  readonly kind: "filed";
  /** The ledger knows more of the conversation than its memory: both are to be compared. */
  readonly isBehind?: true;
}

/** Messages that leave the window were folded into the summary, in the background. */
export interface Summarized extends InboundBase {
  readonly kind: "folded";
  /** The Recollection's base when it was read: where that has grown, the fold is dropped. */
  readonly base: number;
  readonly summary: Summary;
}

/** The model was asked for a title of how the conversation begins, in the background. */
export interface Titled extends InboundBase {
  readonly kind: "titled";
  /** The messages that it was made from. */
  readonly from: readonly MessageId[];
  /** The Recollection's revision when they were read: where one of them has gone or changed since, the title is dropped. */
  readonly revision: number;
  /** Missing: no title came of it, and the model is not asked again. */
  readonly title?: string;
}

/** One thing that happened for the bot, normalised by a platform, or told to itself in order with the rest. */
export type Inbound =
  | Said
  | Edited
  | Deleted
  | CommandInbound
  | Stopped
  | Erased
  | Delegated
  | Unlocated
  | Announced
  | Reasked
  | Retracted
  | AuthorErased
  | Expired
  | Lapsed
  | Synced
  | Summarized
  | Titled;

/** What changes what is remembered, and asks for no answer. */
export type Change =
  | Edited
  | Deleted
  | Retracted
  | AuthorErased
  | Expired
  | Lapsed
  | Synced
  | Summarized
  | Titled
  | Announced;

/**
 * Names one InboxEntry for ever. A `seq` alone does not: a store that comes back without its last second gives the same
 * number to something else. Made and read by the stores alone.
 */
export type EntryId = string;

/** An Inbound in the inbox of its conversation. */
export interface InboxEntry {
  readonly id: EntryId;
  /** The order of acceptance within a conversation; grows, with gaps. */
  readonly seq: number;
  readonly acceptedAtMs: number;
  readonly inbound: Inbound;
}
