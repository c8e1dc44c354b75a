import type { ConversationKey } from "./conversation.ts";
import type { Message, MessageId, PostId } from "./message.ts";
import type { Summary } from "./summary.ts";
import type { TimeZone } from "./time-zone.ts";

/** A message as the bot remembers it. What it quotes is a message of its own: see quotedId. */
export interface RememberedMessage extends Omit<Message, "quoted"> {
  /** `notice`: a line of the bot's about itself (an apology); people see it in a history, the model doesn't. */
  readonly role: "person" | "bot" | "notice";
  /** The name used in prompts: the author's, made unique among the speakers of this conversation. */
  readonly speaker: string;
  /** Counted once, by the model's own tokenizer, when the message was remembered. */
  readonly tokens: number;
  readonly chapter: number;
  /** The messages that this reply answers. Empty for what people said. */
  readonly answers: readonly MessageId[];
  /** Which of several messages that this reply answers were for the bot. Missing: it answers one, or an older version wrote it. */
  readonly questions?: readonly MessageId[];
  /** The order of remembering within the conversation, from 1, never given twice. */
  readonly ordinal: number;
  /** The Recollection's revision when it was remembered or last changed. */
  readonly revision: number;
  /** Where people see this reply. Missing for what people said, and where nothing was shown. */
  readonly posts?: readonly PostId[];
  /** It could not be answered: people see it in a history, the model doesn't. */
  readonly isGivenUp?: true;
  /** What this reply was made from besides this conversation's own prompt. Missing: nothing. */
  readonly sources?: readonly Source[];
}

/** A message that something rests on, so that it can be found again: by a reader, and when the message goes. */
export interface Source {
  readonly conversation: ConversationKey;
  readonly message: MessageId;
  readonly permalink?: string;
  /** As it was read. Missing where that does not matter. */
  readonly revision?: number;
}

/** Somebody who has written in a conversation, ever. */
export interface Speaker {
  readonly id: string;
  readonly label: string;
  /** When they last wrote. Missing: by an older version. */
  readonly lastAtMs?: number;
  /** Only quoted by others so far, and not in the conversation. Missing: they wrote in it. */
  readonly isQuoted?: true;
  /** It is no person, and never wrote as one. Missing: a person, or an older version remembered it. */
  readonly isApp?: true;
  /** As it was first known: times in prompts are to stay as they are. Missing: nobody knows. */
  readonly timeZone?: TimeZone;
}

/** Something that is to go from the ledger too; no text. */
export type Erasure = { readonly revision: number } & (
  | { readonly kind: "message"; readonly message: MessageId }
  /** Everything by this author that was remembered before this ordinal. */
  | { readonly kind: "author"; readonly author: string; readonly beforeOrdinal: number }
  | { readonly kind: "all"; readonly beforeOrdinal: number }
);

/** A person changed a message that had left this record. */
interface ArchivedEdit {
  readonly revision: number;
  readonly message: MessageId;
  readonly text: string;
}

/** What `/reset undo` brings back. */
export interface ClosedChapter {
  readonly since: number;
  readonly summary?: Summary;
  readonly windowFrom: number;
  readonly closedAtMs: number;
}

/** A conversation that behaves as forgotten, and can be brought back until its time is up. */
export interface PendingErasure {
  /** The Author's id of who ordered it. */
  readonly by: string;
  readonly untilMs: number;
  /** Everything before it goes. */
  readonly beforeOrdinal: number;
  /** Those who had written by then. */
  readonly speakers: readonly Speaker[];
  readonly closed: ClosedChapter;
  /** The mark of an earlier one, which was erased. */
  readonly forgottenAtMs?: number;
}

/** The bot's question whether an order is really meant; a "yes" confirms it. */
export interface PendingConfirmation {
  /** The Author's id. */
  readonly by: string;
  /** Of the command that a "yes" stands for. */
  readonly name: string;
  readonly argument: string;
  readonly atMs: number;
}

/** Talk that is still to be read. */
export interface PendingBackfill {
  /** The message that called the bot. Missing: an order that is no message. */
  readonly before?: MessageId;
  /** How often it was tried. */
  readonly tries: number;
}

/**
 * How far back the last changes reached: a bot that takes back and repeats its post behind each message would otherwise
 * void every fold. All changes after the base `since` and up to `base` are told of.
 */
export interface BaseChanges {
  readonly since: number;
  readonly base: number;
  /** The base that a change made, and the first ordinal that it touched; both grow. */
  readonly at: readonly { readonly base: number; readonly from: number }[];
}

/** What the bot remembers of one conversation: a bounded record, replaced as a whole. */
export interface ConversationMemory {
  readonly version: 2;
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. Both empty in records of older versions, until something is said. */
  readonly platform: string;
  readonly place: string;
  /** Grows with every write: its time in milliseconds, or one more than the last. The ledger takes a message only when its revision is newer. */
  readonly revision: number;
  /** Grows when something that a fold may be reading changes: such a fold is dropped when it comes back. See `moves`. */
  readonly base: number;
  /** Missing, or of another base than this: whatever a fold has read may have changed since. */
  readonly moves?: BaseChanges;
  /** Starts at 1; `/reset` opens the next one. */
  readonly chapter: number;
  /** The first chapter that prompts hold: below `chapter` where a reset was undone. */
  readonly since: number;
  /** For the next message. */
  readonly nextOrdinal: number;
  /**
   * Oldest first: what the ledger does not have yet, earlier chapters as far as there is room, and the window. A message
   * that leaves the window stays here until the ledger has it.
   */
  readonly messages: readonly RememberedMessage[];
  /** The window begins with this ordinal. What lies between the summary and the window is left out of prompts. */
  readonly windowFrom: number;
  /** Missing: nothing has left the window yet. */
  readonly summary?: Summary;
  /** Of the current memory, and in neither summary nor window: prompts say how many. */
  readonly leftOut: number;
  /** What the ledger has to erase yet, in the order in which it was ordered. */
  readonly erasures: readonly Erasure[];
  /** New texts of messages that are in the ledger only, which does not have them yet. */
  readonly edits: readonly ArchivedEdit[];
  /** Missing: nothing to bring back. */
  readonly closed?: ClosedChapter;
  /** Missing: nothing of it waits to be erased. */
  readonly erasing?: PendingErasure;
  /**
   * Of each person the last. Missing: no question is open. It is closed by whatever that person says next, and by the
   * bot's next answer to anybody.
   */
  readonly asked?: readonly PendingConfirmation[];
  /** In the order in which they first wrote. */
  readonly speakers: readonly Speaker[];
  /** The message that the title quotes. */
  readonly titledBy?: MessageId;
  /**
   * What the title was made from, where the model made it. Empty: it made none, or not any more, and is not asked again.
   * Missing: it was not asked.
   */
  readonly titledFrom?: readonly MessageId[];
  /** Earlier messages were asked of the platform once, when it was invited. */
  readonly seededAtMs?: number;
  /** What was said before the bot was called could not be read yet. Missing: it was, or there is nothing to read. */
  readonly unseeded?: PendingBackfill;
  /** Everything from before was forgotten then, and is not to be brought back. */
  readonly forgottenAtMs?: number;
}
