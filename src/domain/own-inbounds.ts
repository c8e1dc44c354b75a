// The inbounds that the bot itself creates.
import type { Source } from "./conversation-memory.ts";
import type { CommandInbound, InboundBase } from "./inbound.ts";
import type { Author, MessageId, PostId, TurnId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { Summary } from "./summary.ts";
import type { MessageChange } from "./message-change.ts";

/**
 * A command in the background inbox of its conversation, or in the command inbox of its person.
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
  readonly change: MessageChange;
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
 * An answered question was edited, or one of the questions answered with it was deleted, or a person pressed a button under
 * the reply. It is answered again, in the same posts.
 */
export interface Reasked extends InboundBase {
  readonly kind: "reasked";
  readonly message: MessageId;
  /** Who asks: the author of the message, or the person who pressed. */
  readonly author: Author;
  /** The remembered reply to replace. */
  readonly reply: MessageId;
  readonly posts: readonly PostId[];
  /** All messages that the reply answers. */
  readonly answers: readonly MessageId[];
  readonly replyTo: ReplyAddress;
  /** The button: `regenerate` or `continue`. The old answer stands until the new one is complete. Missing: none was pressed. */
  readonly action?: string;
}

/** A reply was made from a message that was removed, so it is removed too. */
export interface Retracted extends InboundBase {
  readonly kind: "retracted";
  readonly message: MessageId;
  /** Of the version to remove. A newer one stands. Missing: every version is removed. */
  readonly revision?: number;
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
 * Memory may be older than the archive, or hold texts that are the archive's by now or were erased there. The turn compares
 * both, and writes memory as it should be.
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

/** The model was asked to describe an image, in the background. */
export interface Described extends InboundBase {
  readonly kind: "described";
  readonly message: MessageId;
  /** The id of the FileRef. If the message has no such image any more, or was removed, the description is dropped. */
  readonly file: string;
  /** Missing: there is none. That is counted, and tried a few times. */
  readonly text?: string;
}

/** The kinds of this file, by the names under which they are stored. */
declare module "./inbound.ts" {
  interface InboundKinds {
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
    readonly described: Described;
  }
}
