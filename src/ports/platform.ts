import type { ConversationKey } from "../domain/conversation.ts";
import type { Said } from "../domain/inbound.ts";
import type { Message, MessageId, TurnId, PostId } from "../domain/message.ts";
import type { Offer } from "../domain/offer.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { Right } from "../domain/rights.ts";

/** The desired state of one post of a reply. */
export interface Post {
  readonly turn: TurnId;
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** How often a person deleted this post; it is then posted again, as a new post. Missing: never. */
  readonly again?: number;
  /** The messages that the reply answers, oldest first. */
  readonly covers: readonly MessageId[];
  /** Markdown, as a model writes it. At most `limits.postChars` long, never empty. */
  readonly text: string;
  /** `writing`: the text still grows. `part`: complete, and another post follows. `done`: the last post of a complete reply. */
  readonly state: "writing" | "part" | "done";
  /** A temporary line in place of the answer. Rate limits treat it as a needed write. Missing: part of a growing answer. */
  readonly isLine?: true;
}

/** A platform's limits for posts. */
export interface PostLimits {
  /** The longest text of one post, in UTF-16 code units. */
  readonly postChars: number;
  /** The pause between two writes to a growing post. */
  readonly writeIntervalMs: number;
  /**
   * Set if the platform can't create a post idempotently. The reply then starts with a post of this text, which is
   * journalled and edited from then on. A crash can at worst double the placeholder, never an answer.
   */
  readonly placeholder?: string;
}

/** A place and its recently active conversations. */
export interface KnownPlace {
  /** See DirectoryEntry. */
  readonly place: string;
  /** Newest first. `lastMessage`: the last stored message of a person; missing if only commands were stored. */
  readonly conversations: readonly {
    readonly conversation: ConversationKey;
    readonly lastMessage?: MessageId;
  }[];
  /**
   * Messages since then may be missing, even before `lastMessage`: people write while missed messages are being read.
   * Missing: no message before `lastMessage` is known to be missing.
   */
  readonly missedFromMs?: number;
}

/** A conversation in which the bot was called for the first time. */
export interface NewConversation {
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The message that called it. Missing: a command that is not a message called it. */
  readonly before?: MessageId;
}

/** The audience of an answer: everyone in a place, or one person there. */
export interface Readers {
  readonly place: string;
  /** The Author's id. Missing: everyone who may read the place. */
  readonly person?: string;
}

/** Where a person gives a command, and what is known about the person there. */
export interface PlaceOfPerson {
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The command is a message there, so the person may post there. */
  readonly hasWritten: boolean;
  /** The person has written in the conversation before. */
  readonly isSpeaker: boolean;
}

/** Which places an audience may read. */
export interface Readable {
  /** Every reader may read these. */
  readonly places: readonly string[];
  /** The check failed for these: treat them as not readable. People are told how many. */
  readonly unknown: readonly string[];
}

/** A small text file from the bot. */
export interface TextFile {
  readonly name: string;
  /** With its charset: "text/markdown; charset=utf-8". */
  readonly mediaType: string;
  readonly text: string;
}

/** A private line about a message that can't be answered in its place. */
export interface Unanswered {
  readonly text: string;
  readonly message: MessageId;
}

/** What the core needs from a chat service. Each method has a deadline; none repeats a create by itself. */
export interface Platform {
  /** The first part of its conversation keys: "slack". */
  readonly name: string;
  readonly limits: PostLimits;
  /**
   * The platform shows conversations from the bot's own memory, each to one person (the web chat). Erased messages
   * disappear there too. Missing: a chat service shows them.
   */
  readonly isOurPage?: true;
  /** Its messages can quote the message that they reply to. Missing: they can't. */
  readonly quotes?: true;
  /** The bot's display name there; no speaker gets the same name. Missing: not known yet. */
  readonly botName?: string | undefined;
  /** Not idempotent: see `findPost`. @throws {PlatformError} */
  readonly createPost: (to: ReplyAddress, post: Post, signal: AbortSignal) => Promise<PostId>;
  /** Idempotent. @throws {PlatformError} */
  readonly editPost: (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal) => Promise<void>;
  /** Idempotent: an already deleted post counts as deleted. @throws {PlatformError} */
  readonly deletePost: (to: ReplyAddress, id: PostId, signal: AbortSignal) => Promise<void>;
  /**
   * Finds a post that may have been created before a crash: the same turn and part, not older than `sinceMs`. Undefined if
   * there is none, or if creating it again is harmless. @throws {PlatformError}
   */
  readonly findPost: (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ) => Promise<PostId | undefined>;
  /** The URL of a post of the bot. Missing or undefined: posts have none. */
  readonly permalinkOf?: (conversation: ConversationKey, post: PostId) => string | undefined;
  /** Shows texts to one person, in order, with the buttons under the last text. @throws {PlatformError} */
  readonly sendPrivately: (
    to: ReplyAddress,
    texts: readonly string[],
    signal: AbortSignal,
    offer?: Offer,
  ) => Promise<void>;
  /**
   * Tells a person alone that their message can't be answered in its place: with a short line, or else with a mark on the
   * message. Missing: use `sendPrivately`. @throws {PlatformError}
   */
  readonly notifyUnanswered?: (to: ReplyAddress, told: Unanswered, signal: AbortSignal) => Promise<void>;
  /**
   * Reads the messages in a place since its last stored message, oldest first: those of the given conversations, and those
   * that would start a new one. Reads as far back as the platform's limits allow. Missing: the platform redelivers
   * missed messages by itself. @throws {PlatformError}
   */
  readonly fetchMissed?: (known: KnownPlace, signal: AbortSignal) => Promise<readonly Said[]>;
  /**
   * Reads what was said before the bot was first called: the newest `limit` messages before the call, oldest first, without
   * the bot's own posts. Missing: there is nothing to read. @throws {PlatformError}
   */
  readonly fetchHistory?: (
    begun: NewConversation,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly Message[]>;
  /**
   * Which of the places every reader may read now. Called with thousands of places, so it must not make a request for
   * each. The readers' own place is always readable and is not passed. Missing: no other place is readable.
   * @throws {PlatformError}
   */
  readonly readable?: (readers: Readers, places: readonly string[], signal: AbortSignal) => Promise<Readable>;
  /**
   * Whether a person (an Author's id) has a right in the place of a conversation now. An unclear answer is false. Missing:
   * everyone who can give a command there may read and write. @throws {PlatformError}
   */
  readonly hasRight?: (
    person: string,
    right: Right,
    where: PlaceOfPerson,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Sends files to one person alone, with a text. Missing: the platform can't. @throws {PlatformError} */
  readonly sendFilesPrivately?: (
    to: ReplyAddress,
    message: { readonly text: string; readonly files: readonly TextFile[] },
    signal: AbortSignal,
  ) => Promise<void>;
  /** Memory changed without a reply. For platforms that show memory. */
  readonly memoryChanged?: (memory: ConversationMemory) => void;
  /** The title may have changed. Missing: the platform shows no titles, so the model is not asked for any. */
  readonly titleChanged?: (memory: ConversationMemory) => void;
  /** Shows a typing indicator or status line. A failure is ignored. */
  readonly showWorking?: (to: ReplyAddress, signal: AbortSignal) => Promise<void>;
  /** Shows that the bot searches earlier messages for these words. Never throws. */
  readonly showSearching?: (to: ReplyAddress, words: string) => void;
  /** The turn is finished and stored. `text`: the complete reply; empty if none was public. For clients that wait for the end. */
  readonly turnFinished?: (
    to: ReplyAddress,
    reply: { readonly turn: TurnId; readonly text: string; readonly covers: readonly MessageId[] },
  ) => void;
}

/**
 * `unreachable`: no answer, or a 5xx; the call may have taken effect. `rate-limited`: it had no effect; see `retryAfterMs`.
 * `gone`: the place or post no longer exists. `forbidden`: the bot may not write there. `expired`: the private way back
 * has expired. `rejected`: the platform does not accept this content.
 */
export type PlatformErrorKind =
  | "unreachable"
  | "rate-limited"
  | "gone"
  | "forbidden"
  | "expired"
  | "rejected";

/**
 * Why the bot can't post in a place. `archived`: the channel is archived. `locked`: the thread is closed. `restricted`:
 * only certain people may post. `outside`: the bot is not a member. `permission`: the bot lacks a permission. `policy`: a
 * rule of the organisation forbids it. `filtered`: a word filter blocked the text. `direct`: the person accepts no DMs.
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

/** A call to the platform failed. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
  readonly kind: PlatformErrorKind;
  /** How long the platform asks to wait. 0: it does not say. */
  readonly retryAfterMs: number;
  /** Undefined: the place is open, or the reason is unknown. */
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

  /** Whether a later attempt can succeed. */
  get isPassing(): boolean {
    return this.kind === "unreachable" || this.kind === "rate-limited";
  }
}
