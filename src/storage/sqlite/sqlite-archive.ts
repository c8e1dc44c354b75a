import type { ConversationKey } from "../../domain/conversation.ts";
import type { SyncBatch, ArchiveRange, ArchiveSearch } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import { ArchiveError, type Archive } from "../../ports/archive.ts";
import type { Health } from "../../ports/component.ts";
import type { SecretArchive } from "../../ports/secret-archive.ts";
import { CallableThread, ThreadError, type Callable } from "../../runtime/threads/callable-thread.ts";
import { checkInBackground, type CheckPorts } from "./recovery/background-check.ts";
import type { ArchiveReads } from "./archive/archive-reader-thread.ts";
import type { ArchiveWrites } from "./archive/archive-writer-thread.ts";
import { DataFolderError, makeFolder } from "./disk/data-folder.ts";
import { archiveFileIn, type ArchiveThreadData } from "./archive/open-archive-database.ts";

/** A longer search is given up. */
const searchMs = 10_000;

/** The archive in its own file in the data folder. @throws {DataFolderError} that says what to do. */
export async function openSqliteArchive(dataDir: string, ports: CheckPorts): Promise<SqliteArchive> {
  const { log } = ports;
  makeFolder(dataDir);
  await using opening = new AsyncDisposableStack();
  const writer = new CallableThread<ArchiveWrites>({
    name: "the thread that writes the archive",
    file: new URL("./archive/archive-writer-thread.ts", import.meta.url),
    data: (isRestart): ArchiveThreadData => ({ dataDir, mayRecover: !isRestart }),
    log,
  });
  opening.use(writer);
  await openedOrFault(writer);
  const reader = new CallableThread<ArchiveReads>({
    name: "the thread that reads the archive",
    file: new URL("./archive/archive-reader-thread.ts", import.meta.url),
    data: (): ArchiveThreadData => ({ dataDir, mayRecover: false }),
    log,
  });
  opening.use(checkInBackground(archiveFileIn(dataDir), ports));
  // Not awaited; its first calls wait for it.
  opening.use(reader);
  return new SqliteArchive(writer, reader, opening.move());
}

/**
 * The archive in SQLite. It works in two threads, so that a search blocks neither the process nor the sync: one
 * writes, the other reads what is committed.
 */
export class SqliteArchive implements Archive, ArchivedConversations, SecretArchive {
  readonly name = "archive";
  readonly #writer: Callable<ArchiveWrites>;
  readonly #reader: Callable<ArchiveReads>;
  readonly #threads: AsyncDisposable;

  constructor(writer: Callable<ArchiveWrites>, reader: Callable<ArchiveReads>, threads: AsyncDisposable) {
    this.#writer = writer;
    this.#reader = reader;
    this.#threads = threads;
  }

  readonly health = (): Health => {
    const writing = this.#writer.health();
    return writing.ok ? this.#reader.health() : writing;
  };

  readonly sync = (batch: SyncBatch, signal: AbortSignal) =>
    orArchiveError(() => this.#writer.call("sync", batch, signal), signal);

  readonly syncNew: Archive["syncNew"] = (batches, signal) =>
    orArchiveError(() => this.#writer.call("syncNew", batches, signal), signal);

  readonly findConversation: ArchivedConversations["findConversation"] = (conversation, signal) =>
    orArchiveError(() => this.#reader.call("known", conversation, signal), signal);

  readonly findMissing: ArchivedConversations["findMissing"] = (location, messages, signal) =>
    orArchiveError(() => this.#reader.call("lacks", [location, messages], signal), signal);

  readonly locate: ArchivedConversations["locate"] = (platform, place, message, signal) =>
    orArchiveError(() => this.#reader.call("locate", [platform, place, message], signal), signal);

  readonly conversationsWith: ArchivedConversations["conversationsWith"] = (
    platform,
    place,
    message,
    signal,
  ) => orArchiveError(() => this.#reader.call("holding", [platform, place, message], signal), signal);

  readonly recent: ArchivedConversations["recent"] = (platform, place, limit, signal) =>
    orArchiveError(() => this.#reader.call("recent", [platform, place, limit], signal), signal);

  readonly keysAfter: ArchivedConversations["keysAfter"] = (after, limit, signal) =>
    orArchiveError(() => this.#reader.call("keysAfter", [after, limit], signal), signal);

  readonly expireHeads: ArchivedConversations["expireHeads"] = (beforeMs, limit, signal) =>
    orArchiveError(() => this.#writer.call("expireHeads", [beforeMs, limit], signal), signal);

  readonly rename: ArchivedConversations["rename"] = (conversation, title, signal) =>
    orArchiveError(() => this.#writer.call("rename", [conversation, title], signal), signal);

  readonly keepSecret: SecretArchive["keepSecret"] = (name, made, signal) =>
    orArchiveError(() => this.#writer.call("keepSecret", [name, made], signal), signal);

  readonly read = (range: ArchiveRange, signal: AbortSignal) =>
    orArchiveError(() => this.#reader.call("read", range, signal), signal);

  readonly find = (conversation: ConversationKey, message: MessageId, signal: AbortSignal) =>
    orArchiveError(() => this.#reader.call("find", [conversation, message], signal), signal);

  readonly findOutlines: Archive["findOutlines"] = (conversation, messages, signal) =>
    orArchiveError(() => this.#reader.call("findOutlines", [conversation, messages], signal), signal);

  readonly search = (search: ArchiveSearch, signal: AbortSignal) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(searchMs)]);
    return orArchiveError(() => this.#reader.call("search", search, within), signal);
  };

  readonly places = (platform: string, limit: number, signal: AbortSignal) =>
    orArchiveError(() => this.#reader.call("places", [platform, limit], signal), signal);

  readonly derivedFrom = (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ) => orArchiveError(() => this.#reader.call("derivedFrom", [conversation, messages], signal), signal);

  readonly verdictsOf: Archive["verdictsOf"] = (author, turns, signal) =>
    orArchiveError(() => this.#reader.call("verdictsOf", [author, turns], signal), signal);

  readonly locationsOf: Archive["locationsOf"] = (platform, author, beforeMs, signal) =>
    orArchiveError(() => this.#reader.call("locationsOf", { platform, author, beforeMs }, signal), signal);

  readonly refuseAuthor: Archive["refuseAuthor"] = (platform, author, beforeMs, signal) =>
    orArchiveError(() => this.#writer.call("refuseAuthor", { platform, author, beforeMs }, signal), signal);

  readonly eraseAuthor: Archive["eraseAuthor"] = (platform, author, beforeMs, signal) =>
    orArchiveError(() => this.#writer.call("forgetAuthor", { platform, author, beforeMs }, signal), signal);

  readonly olderThan: Archive["olderThan"] = (range, signal) =>
    orArchiveError(() => this.#reader.call("olderThan", range, signal), signal);

  readonly expire = (beforeMs: number, signal: AbortSignal) =>
    orArchiveError(() => this.#writer.call("expire", beforeMs, signal), signal);

  readonly scrub = (signal: AbortSignal) =>
    orArchiveError(() => this.#writer.call("scrub", undefined, signal), signal);

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#threads[Symbol.asyncDispose]());
  }
}

async function openedOrFault(thread: { readonly opened: () => Promise<void> }): Promise<void> {
  try {
    await thread.opened();
  } catch (cause) {
    if (cause instanceof ThreadError && cause.kind === "DataFolderError")
      throw new DataFolderError(cause.message, { cause });
    throw cause;
  }
}

/** @throws {ArchiveError}, or the signal's reason. */
async function orArchiveError<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    throw new ArchiveError("The archive can't be read or written", { cause });
  }
}
