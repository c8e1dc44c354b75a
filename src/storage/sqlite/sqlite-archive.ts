import type { ConversationKey } from "../../domain/conversation.ts";
import type { Filing, LedgerRange, LedgerSearch } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationArchive } from "../../ports/archived-conversations.ts";
import { LedgerError, type Ledger } from "../../ports/archive.ts";
import type { Health } from "../../ports/component.ts";
import type { SecretArchive } from "../../ports/secret-archive.ts";
import { CallableThread, ThreadError, type Callable } from "../../runtime/threads/callable-thread.ts";
import { checkInBackground, type CheckPorts } from "./recovery/background-check.ts";
import type { LedgerReads } from "./archive/archive-reader-thread.ts";
import type { LedgerWrites } from "./archive/archive-writer-thread.ts";
import { DataFolderError, makeFolder } from "./disk/data-folder.ts";
import { ledgerFileIn, type LedgerThreadData } from "./archive/open-archive-database.ts";

/** What takes longer is given up: whoever asked is told to try again. */
const searchMs = 10_000;

/** The archive in a file of its own in the data folder. @throws {DataFolderError} that says what to do. */
export async function openSqliteLedger(dataDir: string, ports: CheckPorts): Promise<SqliteLedger> {
  const { log } = ports;
  makeFolder(dataDir);
  await using opening = new AsyncDisposableStack();
  const writer = new CallableThread<LedgerWrites>({
    name: "the thread that writes the archive",
    file: new URL("./archive/archive-writer-thread.ts", import.meta.url),
    data: (isRestart): LedgerThreadData => ({ dataDir, mayRecover: !isRestart }),
    log,
  });
  opening.use(writer);
  await openedOrFault(writer);
  const reader = new CallableThread<LedgerReads>({
    name: "the thread that reads the archive",
    file: new URL("./archive/archive-reader-thread.ts", import.meta.url),
    data: (): LedgerThreadData => ({ dataDir, mayRecover: false }),
    log,
  });
  opening.use(checkInBackground(ledgerFileIn(dataDir), ports));
  // Its first calls wait for it.
  opening.use(reader);
  return new SqliteLedger(writer, reader, opening.move());
}

/**
 * See Ledger. SQLite works in two threads, so that neither the process nor what is filed waits for a search: one writes,
 * the other reads what is committed.
 */
export class SqliteLedger implements Ledger, ConversationArchive, SecretArchive {
  readonly name = "ledger";
  readonly #writer: Callable<LedgerWrites>;
  readonly #reader: Callable<LedgerReads>;
  readonly #threads: AsyncDisposable;

  constructor(writer: Callable<LedgerWrites>, reader: Callable<LedgerReads>, threads: AsyncDisposable) {
    this.#writer = writer;
    this.#reader = reader;
    this.#threads = threads;
  }

  readonly health = (): Health => {
    const writing = this.#writer.health();
    return writing.ok ? this.#reader.health() : writing;
  };

  readonly file = (filing: Filing, signal: AbortSignal) =>
    orLedgerError(() => this.#writer.call("file", filing, signal), signal);

  readonly known: ConversationArchive["known"] = (conversation, signal) =>
    orLedgerError(() => this.#reader.call("known", conversation, signal), signal);

  readonly lacks: ConversationArchive["lacks"] = (home, messages, signal) =>
    orLedgerError(() => this.#reader.call("lacks", [home, messages], signal), signal);

  readonly locate: ConversationArchive["locate"] = (platform, place, message, signal) =>
    orLedgerError(() => this.#reader.call("locate", [platform, place, message], signal), signal);

  readonly holding: ConversationArchive["holding"] = (platform, place, message, signal) =>
    orLedgerError(() => this.#reader.call("holding", [platform, place, message], signal), signal);

  readonly recent: ConversationArchive["recent"] = (platform, place, limit, signal) =>
    orLedgerError(() => this.#reader.call("recent", [platform, place, limit], signal), signal);

  readonly keysAfter: ConversationArchive["keysAfter"] = (after, limit, signal) =>
    orLedgerError(() => this.#reader.call("keysAfter", [after, limit], signal), signal);

  readonly expireHeads: ConversationArchive["expireHeads"] = (beforeMs, limit, signal) =>
    orLedgerError(() => this.#writer.call("expireHeads", [beforeMs, limit], signal), signal);

  readonly rename: ConversationArchive["rename"] = (conversation, title, signal) =>
    orLedgerError(() => this.#writer.call("rename", [conversation, title], signal), signal);

  readonly keepSecret: SecretArchive["keepSecret"] = (name, made, signal) =>
    orLedgerError(() => this.#writer.call("keepSecret", [name, made], signal), signal);

  readonly read = (range: LedgerRange, signal: AbortSignal) =>
    orLedgerError(() => this.#reader.call("read", range, signal), signal);

  readonly find = (conversation: ConversationKey, message: MessageId, signal: AbortSignal) =>
    orLedgerError(() => this.#reader.call("find", [conversation, message], signal), signal);

  readonly search = (search: LedgerSearch, signal: AbortSignal) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(searchMs)]);
    return orLedgerError(() => this.#reader.call("search", search, within), signal);
  };

  readonly places = (platform: string, limit: number, signal: AbortSignal) =>
    orLedgerError(() => this.#reader.call("places", [platform, limit], signal), signal);

  readonly derivedFrom = (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ) => orLedgerError(() => this.#reader.call("derivedFrom", [conversation, messages], signal), signal);

  readonly homesOf: Ledger["homesOf"] = (platform, author, beforeMs, signal) =>
    orLedgerError(() => this.#reader.call("homesOf", { platform, author, beforeMs }, signal), signal);

  readonly refuseAuthor: Ledger["refuseAuthor"] = (platform, author, beforeMs, signal) =>
    orLedgerError(() => this.#writer.call("refuseAuthor", { platform, author, beforeMs }, signal), signal);

  readonly forgetAuthor: Ledger["forgetAuthor"] = (platform, author, beforeMs, signal) =>
    orLedgerError(() => this.#writer.call("forgetAuthor", { platform, author, beforeMs }, signal), signal);

  readonly olderThan: Ledger["olderThan"] = (range, signal) =>
    orLedgerError(() => this.#reader.call("olderThan", range, signal), signal);

  readonly expire = (beforeMs: number, signal: AbortSignal) =>
    orLedgerError(() => this.#writer.call("expire", beforeMs, signal), signal);

  readonly scrub = (signal: AbortSignal) =>
    orLedgerError(() => this.#writer.call("scrub", undefined, signal), signal);

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

/** @throws {LedgerError}, or the signal's reason. */
async function orLedgerError<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    throw new LedgerError("The archive can't be read or written", { cause });
  }
}
