import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../domain/conversation.ts";
import type {
  Derived,
  Filing,
  Forgotten,
  LedgerMessage,
  LedgerRange,
  LedgerSearch,
} from "../../domain/ledger.ts";
import type { MessageId } from "../../domain/message.ts";
import { LedgerError, type Ledger } from "../../ports/ledger.ts";
import type { Log } from "../../ports/log.ts";
import { homesFrom, readRow } from "../records/ledger-row.ts";
import { inSlices } from "./in-slices.ts";
import { homeOf, indexedWords, placesWith, searchLedger } from "./ledger-search.ts";
import { scrubLedger } from "./ledger-scrub.ts";
import { ledgerStatements, type LedgerStatements } from "./ledger-statements.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { openLedgerDatabase } from "./open-ledger-database.ts";
import { inTransaction } from "./transaction.ts";

/** How many rows are written or removed while nobody else has a turn: a few milliseconds. */
const sliceSize = 50;

/** The archive in a file of its own in the data folder. @throws {DataFolderError} that says what to do. */
export async function openSqliteLedger(
  dataDir: string,
  { log }: { readonly log: Log },
): Promise<SqliteLedger> {
  const database = openLedgerDatabase(dataDir, log);
  const statements = ledgerStatements(database);
  await indexAnew(statements);
  return new SqliteLedger(database, statements);
}

/**
 * See Ledger. Nothing here holds up the process: what is long is done in slices, each a transaction of its own. What is
 * interrupted is half done, and whole when it is told again.
 */
export class SqliteLedger implements Ledger {
  readonly name = "ledger";
  readonly #database: DatabaseSync;
  readonly #statements: LedgerStatements;
  readonly #writer: LedgerWriter;
  /** While it lasts, nobody writes. */
  #scrubbing: Promise<unknown> | undefined;

  constructor(database: DatabaseSync, statements: LedgerStatements) {
    this.#database = database;
    this.#statements = statements;
    this.#writer = new LedgerWriter(statements);
  }

  readonly health = () => ({ ok: true, why: "" });

  readonly file = async (filing: Filing, signal: AbortSignal): Promise<void> => {
    const { conversation, erasures, messages } = filing;
    for (const each of erasures)
      await this.#write(() => this.#writer.erase(conversation, each, sliceSize), signal);
    const waiting = [...messages];
    await this.#write(() => {
      for (const message of waiting.splice(0, sliceSize)) this.#writer.keep(filing, message);
      return waiting.length > 0;
    }, signal);
  };

  readonly read = async (range: LedgerRange, signal: AbortSignal): Promise<readonly LedgerMessage[]> => {
    const {
      conversation,
      fromOrdinal = 0,
      beforeOrdinal = Number.MAX_SAFE_INTEGER,
      fromMs = 0,
      limit,
    } = range;
    const { first, last } = this.#statements;
    const statement = range.end === "last" ? last : first;
    const rows = await orLedgerError(
      () => statement.all(conversation, fromOrdinal, beforeOrdinal, fromMs, limit),
      signal,
    );
    return messagesFrom(rows).toSorted((a, b) => a.ordinal - b.ordinal);
  };

  readonly find = async (
    conversation: ConversationKey,
    message: MessageId,
    signal: AbortSignal,
  ): Promise<LedgerMessage | undefined> =>
    messagesFrom(await orLedgerError(() => this.#statements.find.all(conversation, message), signal))[0];

  readonly search = async (search: LedgerSearch, signal: AbortSignal): Promise<readonly LedgerMessage[]> =>
    orLedgerError(() => searchLedger(this.#statements, search), signal);

  readonly placesWith = async (
    platform: string,
    words: string,
    signal: AbortSignal,
  ): Promise<readonly string[]> =>
    orLedgerError(() => placesWith(this.#statements, { platform, words }, signal), signal);

  readonly derivedFrom = async (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ): Promise<readonly Derived[]> => {
    const { derived } = this.#statements;
    const rows = await orLedgerError(() => derived.all(conversation, JSON.stringify(messages)), signal);
    return messagesFrom(rows).map(({ id, conversation: home, platform, place, posts = [] }) => ({
      conversation: home,
      platform,
      place,
      message: id,
      posts,
    }));
  };

  readonly homesOf: Ledger["homesOf"] = async (platform, author, beforeMs, signal) =>
    homesFrom(await orLedgerError(() => this.#statements.homesOf.all(platform, author, beforeMs), signal));

  readonly forgetAuthor = async (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ): Promise<Forgotten> => {
    const conversations = new Set<ConversationKey>();
    const count = { messages: 0, replies: 0 };
    await this.#write(() => {
      const gone = this.#writer.forget({ platform, author, beforeMs }, sliceSize);
      for (const conversation of gone.conversations) conversations.add(conversation);
      count.messages += gone.messages;
      count.replies += gone.replies;
      return gone.messages === sliceSize;
    }, signal);
    return { conversations: [...conversations], ...count };
  };

  readonly olderThan = async (beforeMs: number, limit: number, signal: AbortSignal) => {
    return homesFrom(await orLedgerError(() => this.#statements.older.all(beforeMs, limit), signal));
  };

  readonly expire = async (beforeMs: number, signal: AbortSignal): Promise<number> => {
    let count = 0;
    await this.#write(() => {
      const gone = this.#writer.expire(beforeMs, sliceSize);
      count += gone;
      return gone === sliceSize;
    }, signal);
    return count;
  };

  readonly scrub = async (signal: AbortSignal): Promise<void> => {
    await this.#untilWritable(signal);
    if (this.#statements.isToBeScrubbed.get() === undefined) return;
    const scrubbing = orLedgerError(() => scrubLedger(this.#database, signal), signal);
    this.#scrubbing = scrubbing;
    try {
      if (await scrubbing) this.#statements.scrubbed.run();
    } finally {
      this.#scrubbing = undefined;
    }
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scrubbing?.catch(() => undefined);
    this.#database.close();
  }

  /** `slice` gives whether there is more to do; between two of them everybody else has a turn. */
  async #write(slice: () => boolean, signal: AbortSignal): Promise<void> {
    await orLedgerError(async () => {
      await inSlices(async () => {
        await this.#untilWritable(signal);
        return inTransaction(this.#database, slice);
      }, signal);
    }, signal);
  }

  async #untilWritable(signal: AbortSignal): Promise<void> {
    while (this.#scrubbing !== undefined) await this.#scrubbing.catch(() => undefined);
    signal.throwIfAborted();
  }
}

/** After a recovery. */
async function indexAnew(statements: LedgerStatements): Promise<void> {
  let last = 0;
  await inSlices(() => {
    const rows = statements.unindexed.all(last, sliceSize);
    for (const row of rows) {
      last = Number(row["row"]);
      const message = readRow(row);
      if (message !== undefined && message.role !== "notice")
        statements.index.run(last, indexedWords(message.text), homeOf(message));
    }
    return rows.length > 0;
  }, AbortSignal.any([]));
  statements.indexed.run();
}

function messagesFrom(rows: readonly Readonly<Record<string, unknown>>[]): readonly LedgerMessage[] {
  return rows.flatMap((row) => readRow(row) ?? []);
}

/** @throws {LedgerError}, or the signal's reason. */
async function orLedgerError<T>(work: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    throw new LedgerError("The archive can't be read or written", { cause });
  }
}
