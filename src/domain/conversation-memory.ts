import type { ConversationKey } from "./conversation.ts";
import type { Feedback } from "./feedback.ts";
import type { Attachment, Message, MessageId, PostId, TurnId } from "./message.ts";
import type { Mute, MuteRemoval } from "./mute.ts";
import type { Summary } from "./summary.ts";
import type { TimeZone } from "./time-zone.ts";
import type { TurnRecord } from "./turn-record.ts";

/** A message as the bot remembers it. A quoted message is remembered as a message of its own: see quotedId. */
export interface RememberedMessage extends Omit<Message, "quoted"> {
  /** `notice`: a line of the bot about itself, such as an apology. People see it in a history; the model doesn't. */
  readonly role: "person" | "bot" | "notice";
  /** The author's name in prompts, made unique among the speakers of this conversation. */
  readonly speaker: string;
  /** By the model's tokenizer, counted once, when the message was remembered. */
  readonly tokens: number;
  readonly chapter: number;
  /** The messages that this reply answers. Empty for what people said. */
  readonly answers: readonly MessageId[];
  /** Those of `answers` that were addressed to the bot. Missing: one answered message, or an older version's record. */
  readonly questions?: readonly MessageId[];
  /** Position in the conversation, from 1, in the order of remembering. Never reused. */
  readonly ordinal: number;
  /** The memory's revision when the message was added or last changed. */
  readonly revision: number;
  /** The posts that show this reply. Missing for people's messages, and for replies that were never shown. */
  readonly posts?: readonly PostId[];
  /** Its turn was dead-lettered. People see the message in a history; the model doesn't. */
  readonly isGivenUp?: true;
  /** Messages outside the prompt that the reply was made from. Missing: none. */
  readonly sources?: readonly Source[];
  /** The turn that made the reply. Missing: a message of a person, or a reply of an older version. */
  readonly turnId?: TurnId;
}

/** A message that a reply was made from. Readers can look it up, and the reply is removed when the message is. */
export interface Source {
  readonly conversation: ConversationKey;
  readonly message: MessageId;
  readonly permalink?: string;
  /** The message's revision when it was read. Missing: any revision will do. */
  readonly revision?: number;
}

/** An author who has written in a conversation at any time. */
export interface Speaker {
  /** The Author's id. */
  readonly id: string;
  /** The unique name in prompts: see RememberedMessage.speaker. */
  readonly label: string;
  /** When the author last wrote. Missing in records of older versions. */
  readonly lastAtMs?: number;
  /** Others quoted this author, who has not written here. Missing: the author wrote here. */
  readonly isQuoted?: true;
  /** An app that never wrote as a person. Missing: a person, or a record of an older version. */
  readonly isApp?: true;
  /** The first zone that was known; it stays, so that times in prompts stay the same. Missing: unknown. */
  readonly timeZone?: TimeZone;
}

/** An erasure that the archive has yet to apply. Holds no text. */
export type Erasure = { readonly revision: number } & (
  | { readonly kind: "message"; readonly message: MessageId }
  /** Every message of the author below the ordinal. */
  | ({ readonly kind: "author"; readonly author: string; readonly beforeOrdinal: number } & FilesBefore)
  /** Every message below the ordinal. */
  | ({ readonly kind: "all"; readonly beforeOrdinal: number } & FilesBefore)
);

/** Files have no ordinals. */
interface FilesBefore {
  /** Files of messages that were said at this time or later stay. Missing: none does, or an older record. */
  readonly beforeMs?: number;
}

/** The new text, and the new files, of a message that only the archive still has. */
interface ArchivedEdit {
  readonly revision: number;
  readonly message: MessageId;
  readonly text: string;
  /** Missing: the files stay. */
  readonly attachments?: readonly Attachment[];
}

/** The description of an image in a message that only the archive still has. */
interface ArchivedDescription {
  readonly revision: number;
  readonly message: MessageId;
  /** The id of the FileRef. */
  readonly file: string;
  readonly text: string;
}

/** What `/reset undo` restores. */
export interface ClosedChapter {
  readonly since: number;
  readonly summary?: Summary;
  readonly windowFrom: number;
  readonly closedAtMs: number;
}

/** A conversation that already behaves as erased, and can be restored until `untilMs`. */
export interface PendingErasure {
  /** The Author's id of the person who gave the command. */
  readonly by: string;
  readonly untilMs: number;
  /** Messages below this ordinal are erased. */
  readonly beforeOrdinal: number;
  /** Everyone who had written by then. */
  readonly speakers: readonly Speaker[];
  readonly closed: ClosedChapter;
  /** When an earlier erasure of this conversation was completed. Missing: there was none. */
  readonly forgottenAtMs?: number;
}

/**
 * The orders that were undone. A record of the archive or of the hot store that does not know of it must not bring them back.
 */
export interface UndoneOrders {
  /** When the undone resets were ordered, oldest first: the newest of them. */
  readonly resets: readonly number[];
  /**
   * The undone deletions of the conversation: all that were ordered after `afterMs`, up to `untilMs`. Until `afterMs`, everything
   * was erased for good. Missing: none.
   */
  readonly erasures?: { readonly afterMs: number; readonly untilMs: number };
}

/** A command that the bot asked to confirm; a "yes" from the same person runs it. */
export interface PendingConfirmation {
  /** The Author's id. */
  readonly by: string;
  /** Name of the command that a "yes" runs. */
  readonly name: string;
  readonly argument: string;
  readonly atMs: number;
}

/** A backfill that failed and is tried again at the next calls. */
export interface PendingBackfill {
  /** The message that called the bot. Missing: a command that is not a message called it. */
  readonly before?: MessageId;
  /** Failed attempts so far. */
  readonly tries: number;
}

/**
 * How far back recent changes reached, so that a change to new messages does not discard a summary of old ones. (Some
 * apps delete and repeat a post after every message.) Covers all changes after base `since`, up to `base`.
 */
export interface BaseChanges {
  readonly since: number;
  readonly base: number;
  /** Per change: the base it led to, and the first ordinal it touched. Both ascend. */
  readonly at: readonly { readonly base: number; readonly from: number }[];
}

/** What the bot remembers of one conversation: bounded, and replaced by the finish of each turn. Stores write only what changed. */
export interface ConversationMemory {
  readonly version: 2;
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. `platform` and `place` are empty in records of older versions until the next message. */
  readonly platform: string;
  readonly place: string;
  /**
   * Grows with every write: the time in ms, or the last revision + 1 if that is higher. The archive accepts a message only
   * with a newer revision.
   */
  readonly revision: number;
  /** Grows when a message changes that a running summary may have read; that summary is then dropped. See `moves`. */
  readonly base: number;
  /** Missing, or of another base: assume that every message may have changed. */
  readonly moves?: BaseChanges;
  /** Starts at 1; `/reset` opens the next one. */
  readonly chapter: number;
  /** The first chapter that prompts include. Below `chapter` after an undone reset. */
  readonly since: number;
  /** The ordinal that the next message gets. */
  readonly nextOrdinal: number;
  /**
   * Oldest first: messages not synced yet, earlier chapters while there is room, and the window. A message that leaves
   * the window stays until it is synced.
   */
  readonly messages: readonly RememberedMessage[];
  /** First ordinal of the window. Messages between the summary and the window are left out of prompts. */
  readonly windowFrom: number;
  /** Stands for the messages that left the window. Missing: none has left it yet. */
  readonly summary?: Summary;
  /** How many messages are in neither summary nor window. Prompts state the number. */
  readonly leftOut: number;
  /** Erasures that the archive has yet to apply, oldest first. */
  readonly erasures: readonly Erasure[];
  /** Edits that the archive has yet to apply, of messages that only the archive still has. */
  readonly edits: readonly ArchivedEdit[];
  /** Descriptions that the archive has yet to add to such messages. Missing: none. */
  readonly descriptions?: readonly ArchivedDescription[];
  /** Missing: no reset to undo. */
  readonly closed?: ClosedChapter;
  /** Missing: no delayed erasure. */
  readonly erasing?: PendingErasure;
  /** Missing: nothing was undone. */
  readonly undone?: UndoneOrders;
  /**
   * The revision from which turns went on without asking the archive, which was unreachable, whether it has a newer one.
   * Missing: the archive was asked.
   */
  readonly uncompared?: number;
  /**
   * Open questions, at most one per person. Missing: none. A question closes with the person's next message, or with the
   * bot's next public answer.
   */
  readonly asked?: readonly PendingConfirmation[];
  /** The records of turns that the archive has yet to store, oldest first: the newest 200. Missing: none. */
  readonly records?: readonly TurnRecord[];
  /** Feedback that the archive has yet to store, oldest first: the newest 50. Missing: none. */
  readonly feedback?: readonly Feedback[];
  /** The bot was told not to answer here. Missing: it answers. */
  readonly muted?: Mute;
  /**
   * What ended mutes by reactions in the last hour: the newest 50. A reaction from before it mutes nothing, since events may come
   * late and in any order. Missing: nothing did.
   */
  readonly unmuted?: readonly MuteRemoval[];
  /** In the order of their first messages. */
  readonly speakers: readonly Speaker[];
  /** The message that the title quotes. Missing: the title quotes none. */
  readonly titledBy?: MessageId;
  /**
   * The messages from which the model made the title. Empty: the model's title is void, or it gave none; it is not asked
   * again. Missing: the model was not asked yet.
   */
  readonly titledFrom?: readonly MessageId[];
  /** When the backfill was done. Missing: not done. */
  readonly seededAtMs?: number;
  /** A failed backfill. Missing: it succeeded, or was never needed. */
  readonly unseeded?: PendingBackfill;
  /** When the conversation was last erased. Older messages never return. */
  readonly forgottenAtMs?: number;
}
