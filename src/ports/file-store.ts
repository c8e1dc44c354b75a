import type { Erasure } from "../domain/conversation-memory.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageId } from "../domain/message.ts";

/** A stored content. */
export interface StoredFile {
  /** The address of the content in its store: equal contents have equal ones. */
  readonly hash: string;
  readonly sizeBytes: number;
}

/** Names a file among those of its conversation. */
export interface FileName {
  readonly conversation: ConversationKey;
  /** The message that the file is erased with. Missing: it may hold any text of the conversation, so each erasure there erases it. */
  readonly message?: MessageId;
  /** Unique among the files of that message or conversation. */
  readonly name: string;
}

/** When a link ends by itself, or that it does not. */
type FileEnd =
  /** For what can be read or made again: at most a few hours ahead. */
  | { readonly untilMs: number; readonly saidAtMs?: never }
  /** It stays until it is erased. `saidAtMs`: when its message was said, by which erasures spare what was said after them. */
  | { readonly untilMs?: never; readonly saidAtMs: number };

/** Ties a file to what it is erased with. */
export type FileLink = FileName &
  FileEnd & {
    /** The id of the message's Author. Missing: it has none. */
    readonly author?: string;
  };

/**
 * `edited`: the text of a message changed. Files without a message go, as do those of that message that end by themselves:
 * these are read again. `message` missing: only files without a message.
 */
export type FileErasure = Erasure | { readonly kind: "edited"; readonly message?: MessageId };

/**
 * Keeps the bytes of files, each content once: for a while, or until their message is erased. A store drops the oldest when it
 * is full, so every file may be gone. Any number of replicas may share one.
 */
export interface FileStore extends AsyncDisposable {
  /**
   * Stores bytes, unless the same are stored. They have to be linked within minutes, or they are swept. @throws
   * {FileStoreError}
   */
  readonly put: (bytes: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<StoredFile>;
  /** Links a file to stored bytes; replaces a link of the same name. False if the bytes are gone. @throws {FileStoreError} */
  readonly link: (link: FileLink, hash: string, signal: AbortSignal) => Promise<boolean>;
  /**
   * Takes the end off a link: the file stays until it is erased. One without an end stays as it is. False if there is no such
   * link, or if it had ended by `nowMs`. @throws {FileStoreError}
   */
  readonly keep: (
    file: FileName,
    at: { readonly saidAtMs: number; readonly nowMs: number },
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Undefined: never linked, erased, or ended by `nowMs`. @throws {FileStoreError} */
  readonly find: (file: FileName, nowMs: number, signal: AbortSignal) => Promise<StoredFile | undefined>;
  /** The bytes from position `from` up to `to`, or to the end. Undefined if they are gone. @throws {FileStoreError} */
  readonly read: (
    hash: string,
    range: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ) => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Removes one link, and at once the bytes that only it had. Nothing happens if there is none. @throws {FileStoreError} */
  readonly unlink: (file: FileName, signal: AbortSignal) => Promise<void>;
  /**
   * Erases the files of erased messages, and at once the bytes that only they had. An erasure of an author, or of a whole
   * conversation, takes those that stay only if they were said before its `beforeMs`, and all others: these are read again.
   * @throws {FileStoreError}
   */
  readonly erase: (
    conversation: ConversationKey,
    erasures: readonly FileErasure[],
    signal: AbortSignal,
  ) => Promise<void>;
  /** Erases the files that stay and whose message was said before `saidBeforeMs`. @throws {FileStoreError} */
  readonly expire: (saidBeforeMs: number, signal: AbortSignal) => Promise<void>;
  /** Removes links that have ended, and bytes that nothing links to, as a crash leaves them. @throws {FileStoreError} */
  readonly sweep: (nowMs: number, signal: AbortSignal) => Promise<void>;
}

/** How much a store keeps. */
export interface FileLimits {
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

/** `too-large`: a file is above the store's limit. `unavailable`: the store can't be read or written. */
export class FileStoreError extends Error {
  override readonly name = "FileStoreError";
  readonly kind: "too-large" | "unavailable";

  constructor(kind: FileStoreError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
