import type { ConversationKey } from "../../../domain/conversation.ts";
import type { SyncResult, SyncBatch, ErasureCounts } from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Erasure } from "../../../domain/conversation-memory.ts";
import type { CleanDatabase } from "../cleaning/clean-database.ts";
import { FeedbackWriter } from "./feedback-writer.ts";
import { HeadWriter } from "./head-writer.ts";
import { RecordWriter } from "./record-writer.ts";
import { runInSlices } from "../connection/run-in-slices.ts";
import { NewBatchWriter } from "./new-batch-writer.ts";
import { IndexBuilder } from "./index-builder.ts";
import { writingStatements } from "./archive-statements.ts";
import { ArchiveWriter, type AuthorErasure } from "./archive-writer.ts";
import { inTransaction } from "../connection/transaction.ts";
import { WordRemover } from "./word-remover.ts";

/** Messages per slice. Other calls run between two slices. */
const insertedPerSlice = 50;
/**
 * Cutting one message out of the word index takes about 4 ms. Smaller slices would write the same pages again and
 * again.
 */
const removedPerSlice = 50;
/** Used when a merge removes the words. */
const removedPerBulkSlice = 200;

/**
 * The changes of the archive, in the writing thread. Long changes run in slices, each in its own transaction. An
 * interrupted change is partly done, and complete once it is repeated.
 */
export class ArchiveFile {
  readonly #cleanDatabase: CleanDatabase;
  readonly #writer: ArchiveWriter;
  readonly #heads: HeadWriter;
  readonly #records: RecordWriter;
  readonly #feedback: FeedbackWriter;
  readonly #newBatches: NewBatchWriter;
  readonly #index: IndexBuilder;
  readonly #words: WordRemover;
  readonly #closing = new AbortController();

  constructor(clean: CleanDatabase) {
    this.#cleanDatabase = clean;
    const statements = writingStatements(clean.database);
    this.#writer = new ArchiveWriter(statements);
    this.#heads = new HeadWriter(clean.database);
    this.#records = new RecordWriter(clean.database);
    this.#feedback = new FeedbackWriter(clean.database);
    this.#newBatches = new NewBatchWriter({
      writer: this.#writer,
      heads: this.#heads,
      records: this.#records,
    });
    this.#index = new IndexBuilder(clean.database, statements);
    this.#words = new WordRemover(clean.database);
    if (this.#index.step()) void this.#buildIndex(this.#closing.signal).catch(() => undefined);
    this.#merge();
  }

  readonly sync = async (batch: SyncBatch, signal: AbortSignal): Promise<SyncResult> => {
    const { conversation, erasures, messages, head, records = [], feedback = [] } = batch;
    const why = this.#cleanDatabase.room.refusal();
    // A full disk refuses inserts, but notStored erasures and the changes that come with them.
    if (why !== undefined && erasures.length === 0) throw new Error(why);
    const notStored = { refused: [] as MessageId[], forgotten: [] as MessageId[] };
    await this.#eraseMessages(conversation, erasures.filter(isOfMessage), signal);
    for (const each of erasures.filter((erasure) => !isOfMessage(erasure)))
      await this.#eraseRange(conversation, each, signal);
    const unsaved = [
      ...records.map((record) => () => this.#records.save(record)),
      ...feedback.map((each) => () => this.#feedback.save(batch, each)),
    ];
    await this.#write(() => {
      for (const save of unsaved.splice(0, insertedPerSlice)) save();
      return unsaved.length > 0;
    }, signal);
    const waiting = [...messages];
    await this.#write(() => {
      for (const message of waiting.splice(0, insertedPerSlice)) {
        const kept = this.#writer.insert(batch, message);
        if (kept !== "settled") notStored[kept].push(message.id);
      }
      if (waiting.length === 0 && head !== undefined) this.#heads.save(head);
      return waiting.length > 0;
    }, signal);
    return notStored;
  };

  /** Each conversation in one transaction, several together. */
  readonly syncNew = async (
    batches: readonly SyncBatch[],
    signal: AbortSignal,
  ): Promise<readonly ConversationKey[]> => {
    const why = this.#cleanDatabase.room.refusal();
    if (why !== undefined) throw new Error(why);
    const left: ConversationKey[] = [];
    const waiting = [...batches];
    await this.#write(() => {
      left.push(...this.#newBatches.addSome(waiting));
      return waiting.length > 0;
    }, signal);
    return left;
  };

  readonly rename = async (
    [conversation, title]: readonly [ConversationKey, string],
    signal: AbortSignal,
  ): Promise<void> => {
    await this.#write(() => {
      this.#heads.rename(conversation, title);
      return false;
    }, signal);
  };

  readonly keepSecret = async ([name, made]: readonly [string, string]): Promise<string> => {
    const { database } = this.#cleanDatabase;
    database.prepare("INSERT OR IGNORE INTO secret (name, value) VALUES (?, ?)").run(name, made);
    return String(database.prepare("SELECT value FROM secret WHERE name = ?").get(name)?.["value"]);
  };

  readonly refuseAuthor = async (erasure: AuthorErasure, signal: AbortSignal): Promise<void> => {
    await this.#write(() => {
      this.#writer.refuseAuthor(erasure);
      return false;
    }, signal);
  };

  readonly forgetAuthor = async (erasure: AuthorErasure, signal: AbortSignal): Promise<ErasureCounts> => {
    const conversations = new Set<ConversationKey>();
    const count = { messages: 0, replies: 0 };
    const forget = (max: number): boolean => {
      const gone = this.#writer.forgetAuthor(erasure, max);
      for (const conversation of gone.conversations) conversations.add(conversation);
      count.messages += gone.messages;
      count.replies += gone.replies;
      return gone.messages === max;
    };
    await this.#remove((min) => this.#writer.isBulkOfAuthor(erasure, min), forget, signal);
    await this.#removeRecords((max) => this.#records.forgetAuthor(erasure, max), signal);
    await this.#removeRecords((max) => this.#feedback.forgetAuthor(erasure, max), signal);
    return { conversations: [...conversations], ...count };
  };

  readonly expire = async (beforeMs: number, signal: AbortSignal): Promise<number> => {
    let count = 0;
    const removeOld = (max: number): boolean => {
      const gone = this.#writer.expire(beforeMs, max);
      count += gone;
      return gone === max;
    };
    await this.#remove((min) => this.#writer.isBulkOfAge(beforeMs, min), removeOld, signal);
    await this.#removeRecords((max) => this.#records.expire(beforeMs, max), signal);
    await this.#write(() => this.#writer.expireBounds(beforeMs, removedPerSlice) === removedPerSlice, signal);
    return count;
  };

  readonly expireHeads = async (
    [beforeMs, limit]: readonly [number, number],
    signal: AbortSignal,
  ): Promise<readonly ConversationKey[]> => {
    const gone: ConversationKey[] = [];
    await this.#write(() => {
      const max = Math.min(removedPerSlice, limit - gone.length);
      const part = this.#heads.expire(beforeMs, max);
      gone.push(...part);
      return part.length === max && gone.length < limit;
    }, signal);
    return gone;
  };

  readonly scrub = async (_: undefined, signal: AbortSignal): Promise<void> => {
    const within = AbortSignal.any([signal, this.#closing.signal]);
    await this.#buildIndex(within);
    await runInSlices(() => this.#words.step(), within);
    await this.#cleanDatabase.scrub(within);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#cleanDatabase[Symbol.dispose]();
  }

  /** Batched: one by one they would cost a transaction each, and their words could notStored be removed by a merge. */
  async #eraseMessages(
    conversation: ConversationKey,
    erasures: readonly Erasure[],
    signal: AbortSignal,
  ): Promise<void> {
    let done = 0;
    const erase = (max: number): boolean => {
      for (const each of erasures.slice(done, done + max))
        this.#writer.erase(conversation, each, { max, from: 0 });
      done += max;
      return done < erasures.length;
    };
    if (erasures.length > 0) await this.#remove((min) => erasures.length >= min, erase, signal);
  }

  async #eraseRange(conversation: ConversationKey, erasure: Erasure, signal: AbortSignal): Promise<void> {
    let from: number | undefined = 0;
    const erase = (max: number): boolean => {
      from = this.#writer.erase(conversation, erasure, { max, from: from ?? 0 });
      return from !== undefined;
    };
    await this.#remove((min) => this.#writer.isBulk(conversation, erasure, min), erase, signal);
    await this.#removeRecords((max) => this.#records.erase(conversation, erasure, max), signal);
  }

  /** `slice` removes at most so many records, and returns how many. */
  async #removeRecords(slice: (max: number) => number, signal: AbortSignal): Promise<void> {
    await this.#write(() => slice(removedPerBulkSlice) === removedPerBulkSlice, signal);
  }

  async #buildIndex(signal: AbortSignal): Promise<void> {
    await runInSlices(() => this.#index.step(), signal);
  }

  /** Removes messages and their words. `isBulk`: whether at min this many messages will be removed. */
  async #remove(
    isBulk: (min: number) => boolean,
    slice: (max: number) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (!isBulk(this.#words.minForMerge())) return this.#write(() => slice(removedPerSlice), signal);
    try {
      await this.#words.holdMergeDuring(() =>
        this.#write(() => this.#words.deferWords(() => slice(removedPerBulkSlice)), signal),
      );
    } finally {
      this.#merge();
    }
  }

  /** Runs in the background. `scrub` waits for it. */
  #merge(): void {
    void runInSlices(() => this.#words.step(), this.#closing.signal).catch(() => undefined);
  }

  /** `slice` returns whether there is more to do. */
  async #write(slice: () => boolean, signal: AbortSignal): Promise<void> {
    await runInSlices(() => inTransaction(this.#cleanDatabase.database, slice), signal);
  }
}

function isOfMessage({ kind }: Erasure): boolean {
  return kind === "message";
}
