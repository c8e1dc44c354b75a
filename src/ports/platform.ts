import type { ConversationKey } from "../domain/conversation.ts";
import type { Said } from "../domain/inbound.ts";
import type { Message, MessageId, TurnId, PostId } from "../domain/message.ts";
import type { Offer } from "../domain/offer.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { Right } from "../domain/rights.ts";

/** One post of a reply, as it should look now. */
export interface Post {
  readonly turn: TurnId;
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** So often it was posted before, and deleted by a person: it is another post now. Missing: never. */
  readonly again?: number;
  /** The messages that the reply answers, oldest first. */
  readonly covers: readonly MessageId[];
  /** Markdown, as a model writes it; at most `limits.postChars`, never empty. */
  readonly text: string;
  /** `writing`: more will come. `part`: whole, and another post follows. `done`: the last post of a whole reply. */
  readonly state: "writing" | "part" | "done";
  /** A line that stands where the answer will be, for a while: it is no growth that others may overtake. Missing: it is. */
  readonly isLine?: true;
}

/** How a platform wants to be written to. */
export interface PostLimits {
  /** UTF-16 code units in one post's text. */
  readonly postChars: number;
  /** Between two writes to one growing post. */
  readonly writeIntervalMs: number;
  /**
   * Set where a create can't be repeated safely: a first post with this text is made at once, journalled, and edited
   * from then on, so that a restart at worst doubles a placeholder, never an answer.
   */
  readonly placeholder?: string;
}

/** A place with the conversations in it that were active lately. */
export interface KnownPlace {
  /** See DirectoryEntry. */
  readonly place: string;
  /** Newest first. `lastMessage`: the last message of a person that was stored; missing where only orders were. */
  readonly conversations: readonly {
    readonly conversation: ConversationKey;
    readonly lastMessage?: MessageId;
  }[];
  /**
   * What was said since then may be missing, also where a later message was stored: people go on writing while what was
   * missed is being read. Missing: nothing is known to have been missed before the last message.
   */
  readonly missedFromMs?: number;
}

/** A conversation in which the bot is called for the first time. */
export interface NewConversation {
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The message that called it. Missing: an order that is no message. */
  readonly before?: MessageId;
}

/** Who is going to read something: everybody in a place, or one account there alone. */
export interface Readers {
  readonly place: string;
  /** The Author's id. Missing: everybody who may read the place. */
  readonly person?: string;
}

/** Where a person orders something. */
export interface PlaceOfPerson {
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The order is a message there: the platform has let the person write it. */
  readonly hasWritten: boolean;
  /** The person has written in the conversation before. */
  readonly isSpeaker: boolean;
}

/** What is known of who may read places. */
export interface Readable {
  /** All of the readers may read these. */
  readonly places: readonly string[];
  /** What could not be found out about these: they may not be read, and people are told how many. */
  readonly unknown: readonly string[];
}

/** A small file of ours. */
export interface TextFile {
  readonly name: string;
  /** With the charset: "text/markdown; charset=utf-8". */
  readonly mediaType: string;
  readonly text: string;
}

/** A line about a message that could not be answered where it stands. */
export interface Unanswered {
  readonly text: string;
  readonly message: MessageId;
}

/** How the core writes to a chat service. No method retries a create by itself; each has a deadline. */
export interface Platform {
  readonly name: string;
  readonly limits: PostLimits;
  /**
   * Its conversations are shown from our own memory, each to one person, who needs no mention: what is deleted is gone
   * there too. Missing: a chat service shows them, to all who may read the place.
   */
  readonly isOurPage?: true;
  /** Its messages can reply to others, which come with them. Missing: they can't. */
  readonly quotes?: true;
  /** What the bot is called there: nobody else is named so. Missing: it is not known. */
  readonly botName?: string | undefined;
  /** @throws {PlatformError} */
  readonly createPost: (to: ReplyAddress, post: Post, signal: AbortSignal) => Promise<PostId>;
  /** @throws {PlatformError} */
  readonly editPost: (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal) => Promise<void>;
  /** Already gone counts as deleted. @throws {PlatformError} */
  readonly deletePost: (to: ReplyAddress, id: PostId, signal: AbortSignal) => Promise<void>;
  /**
   * Looks for a post that may have been created before the process died: the same turn and part, not older than `sinceMs`.
   * Undefined where it doesn't exist, or where creating it again is harmless. @throws {PlatformError}
   */
  readonly findPost: (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ) => Promise<PostId | undefined>;
  /** The address at which people find one of our posts. Missing, or undefined: it has none. */
  readonly permalinkOf?: (conversation: ConversationKey, post: PostId) => string | undefined;
  /** Tells the asker alone, in order; the buttons stand under the last text. @throws {PlatformError} */
  readonly sendPrivately: (
    to: ReplyAddress,
    texts: readonly string[],
    signal: AbortSignal,
    offer?: Offer,
  ) => Promise<void>;
  /**
   * Tells the asker alone that the place took no answer: in a short line, or where none can be shown by a mark on the
   * message that asked. Missing: `tell` does. @throws {PlatformError}
   */
  readonly notifyUnanswered?: (to: ReplyAddress, told: Unanswered, signal: AbortSignal) => Promise<void>;
  /**
   * What people said in a place since the last message that was stored there, oldest first: in the conversations that
   * are given, and what would have begun a new one. As far back as the platform lets us read, within its limits.
   * Only for platforms that don't deliver later what nobody took. @throws {PlatformError}
   */
  readonly fetchMissed?: (known: KnownPlace, signal: AbortSignal) => Promise<readonly Said[]>;
  /**
   * What was said in a conversation that begins for us now, oldest first, with its authors, without our own posts: the
   * newest `limit` before the message that called us. Asked once, when the bot is called into talk that is under way.
   * Missing: there is nothing to read. @throws {PlatformError}
   */
  readonly fetchHistory?: (
    begun: NewConversation,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly Message[]>;
  /**
   * Which of these places every one of the readers may read, as the platform knows it now; see DirectoryEntry. Asked of
   * thousands of places at once, so it must not cost a question for each. A place may always be read from itself, and
   * needs no asking. Missing: none may. @throws {PlatformError}
   */
  readonly readable?: (readers: Readers, places: readonly string[], signal: AbortSignal) => Promise<Readable>;
  /**
   * Whether a person, an Author's id, has a right in the place of a conversation, asked of the platform now; what can't
   * be found out is a no. Missing: whoever can order something there may read and write. @throws {PlatformError}
   */
  readonly hasRight?: (
    person: string,
    right: Right,
    where: PlaceOfPerson,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Gives files to the asker alone, with a line about them. Missing: it can't. @throws {PlatformError} */
  readonly sendFilesPrivately?: (
    to: ReplyAddress,
    given: { readonly text: string; readonly files: readonly TextFile[] },
    signal: AbortSignal,
  ) => Promise<void>;
  /** What was remembered of a conversation has changed without a reply. For platforms that show memory. */
  readonly memoryChanged?: (memory: ConversationMemory) => void;
  /** The model was asked for a title: it may be another one now. Missing: nobody sees titles there, and none are made. */
  readonly titleChanged?: (memory: ConversationMemory) => void;
  /** Typing, a status line. Optional, and its failure costs nothing. */
  readonly showWorking?: (to: ReplyAddress, signal: AbortSignal) => Promise<void>;
  /** What was said earlier is looked up for the answer, by these words. Never throws. */
  readonly showSearching?: (to: ReplyAddress, words: string) => void;
  /** The turn is remembered and closed; `text` is the whole reply, empty where none was shown to all. For platforms whose clients wait for that moment. */
  readonly turnFinished?: (
    to: ReplyAddress,
    reply: { readonly turn: TurnId; readonly text: string; readonly covers: readonly MessageId[] },
  ) => void;
}

/**
 * `unreachable`: no answer, or a 5xx; it may or may not have happened. `rate-limited`: see `retryAfterMs`; it has not happened.
 * `gone`: the place or post is no more. `forbidden`: we may not write there. `expired`: the private way back is dead.
 * `rejected`: the platform won't take this content.
 */
export type PlatformErrorKind =
  | "unreachable"
  | "rate-limited"
  | "gone"
  | "forbidden"
  | "expired"
  | "rejected";

/**
 * Why a place takes nothing from us. `archived`: from nobody. `locked`: the thread was closed. `restricted`: only some
 * may post there. `outside`: we are not, or no longer, in it. `permission`: we lack one. `policy`: the company's rules.
 * `filtered`: a filter for words. `direct`: a person takes no direct messages.
 */
export type ClosedWhy =
  | "archived"
  | "locked"
  | "restricted"
  | "outside"
  | "permission"
  | "policy"
  | "filtered"
  | "direct";

/** The platform did not do it. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
  readonly kind: PlatformErrorKind;
  readonly retryAfterMs: number;
  /** Undefined: the place is open, or it is not known why it is not. */
  readonly closed: ClosedWhy | undefined;

  constructor(
    kind: PlatformErrorKind,
    message: string,
    options?: ErrorOptions & { readonly retryAfterMs?: number; readonly closed?: ClosedWhy | undefined },
  ) {
    super(message, options);
    this.kind = kind;
    this.closed = options?.closed;
    this.retryAfterMs = options?.retryAfterMs ?? 0;
  }

  /** Trying again later can help. */
  get isPassing(): boolean {
    return this.kind === "unreachable" || this.kind === "rate-limited";
  }
}
