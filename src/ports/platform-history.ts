import type { ConversationKey } from "../domain/conversation.ts";
import type { FileRef } from "../domain/file-ref.ts";
import type { Said } from "../domain/inbound.ts";
import type { Message, MessageId } from "../domain/message.ts";

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

/** What was said in a place from one message on. */
interface SaidFrom {
  /** Oldest first, beginning with that message. Without the platform's own lines. */
  readonly messages: readonly Message[];
  /** Those that the bot wrote. */
  readonly own: ReadonlySet<MessageId>;
  /** There are more. */
  readonly isCut: boolean;
}

/** Reads what was said on the platform while the bot did not listen. */
export interface PlatformHistory {
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
   * Reads what was said from a message on in the thread, channel or DM to which its `replyTo` leads: at most `limit` messages.
   * Missing: it can't be read. @throws {PlatformError}
   */
  readonly fetchFrom?: (first: Said, limit: number, signal: AbortSignal) => Promise<SaidFrom>;
  /**
   * Reads a file of a message again, as long as the bot may read it. Missing: messages have no files. @throws
   * {PlatformError}: `gone` if it was deleted, `forbidden` if the bot may not read it, `rejected` if it has more than
   * `maxBytes` or does not lie on the platform itself.
   */
  readonly readFile?: (
    ref: FileRef,
    maxBytes: number,
    signal: AbortSignal,
  ) => Promise<Uint8Array<ArrayBuffer>>;
  /** Removes a file that only the bot keeps for it: a recording that was heard. Missing: the platform keeps its files itself. */
  readonly removeFile?: (ref: FileRef, signal: AbortSignal) => Promise<void>;
}
