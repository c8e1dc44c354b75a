import type { ConversationKey } from "../../../domain/conversation.ts";
import type { SyncResult, SyncBatch, ErasureCounts } from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Erasure } from "../../../domain/conversation-memory.ts";
import type { CleanDatabase } from "../cleaning/clean-database.ts";
import { HeadWriter } from "./head-writer.ts";
import { runInSlices } from "../connection/run-in-slices.ts";
import { IndexBuilder } from "./index-builder.ts";
import { writingStatements } from "./archive-statements.ts";
import { ArchiveWriter, type AuthorErasure } from "./archive-writer.ts";
import { inTransaction } from "../connection/transaction.ts";
import { WordRemover } from "./word-remover.ts";

/** How many messages are written or removed at once: between two slices other calls have a turn. */
const insertedPerSlice = 50;
/** To take one out of the index takes some 4 ms; fewer at once would write the same pages again and again. */
const removedPerSlice = 50;
/** Where their words go with a merge. */
const removedPerBulkSlice = 200;

/**
 * What changes the archive, in the thread that writes it. What is long is done in slices, each a transaction of its own;
 * what is interrupted is half done, and whole when it is told again.
 */
export class ArchiveFile {
  readonly #clean: CleanDatabase;
  readonly #writer: ArchiveWriter;
  readonly #heads: HeadWriter;
  readonly #index: IndexBuilder;
  readonly #words: WordRemover;
  readonly #closing = new AbortController();

  constructor(clean: CleanDatabase) {
    this.#clean = clean;
    const statements = writingStatements(clean.database);
    this.#writer = new ArchiveWriter(statements);
    this.#heads = new HeadWriter(clean.database);
    this.#index = new IndexBuilder(clean.database, statements);
    this.#words = new WordRemover(clean.database);
    if (this.#index.step()) void this.#buildIndex(this.#closing.signal).catch(() => undefined);
    this.#merge();
  }

  readonly sync = async (batch: SyncBatch, signal: AbortSignal): Promise<SyncResult> => {
    const { conversation, erasures, messages, head } = batch;
    const why = this.#clean.room.refusal();
    // A full disk still takes what deletes, with the changes that belong to it.
    if (why !== undefined && erasures.length === 0) throw new Error(why);
    const not = { refused: [] as MessageId[], forgotten: [] as MessageId[] };
    await this.#eraseMessages(conversation, erasures.filter(isOfMessage), signal);
    for (const each of erasures.filter((erasure) => !isOfMessage(erasure)))
      await this.#eraseRange(conversation, each, signal);
    const waiting = [...messages];
    await this.#write(() => {
      for (const message of waiting.splice(0, insertedPerSlice)) {
        const kept = this.#writer.insert(batch, message);
        if (kept !== "settled") not[kept].push(message.id);
      }
      if (waiting.length === 0 && head !== undefined) this.#heads.save(head);
      return waiting.length > 0;
    }, signal);
    return not;
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
    const { database } = this.#clean;
    database.prepare("INSERT OR IGNORE INTO secret (name, value) VALUES (?, ?)").run(name, made);
    return String(database.prepare("SELECT value FROM secret WHERE name = ?").get(name)?.["value"]);
  };

  readonly refuseAuthor = async (somebody: AuthorErasure, signal: AbortSignal): Promise<void> => {
    await this.#write(() => {
      this.#writer.refuseAuthor(somebody);
      return false;
    }, signal);
  };

  readonly forgetAuthor = async (somebody: AuthorErasure, signal: AbortSignal): Promise<ErasureCounts> => {
    const conversations = new Set<ConversationKey>();
    const count = { messages: 0, replies: 0 };
    const forget = (most: number): boolean => {
      const gone = this.#writer.forgetAuthor(somebody, most);
      for (const conversation of gone.conversations) conversations.add(conversation);
      count.messages += gone.messages;
      count.replies += gone.replies;
      return gone.messages === most;
    };
    await this.#remove((least) => this.#writer.isManyBy(somebody, least), forget, signal);
    return { conversations: [...conversations], ...count };
  };

  readonly expire = async (beforeMs: number, signal: AbortSignal): Promise<number> => {
    let count = 0;
    const removeOld = (most: number): boolean => {
      const gone = this.#writer.expire(beforeMs, most);
      count += gone;
      return gone === most;
    };
    await this.#remove((least) => this.#writer.isManyBefore(beforeMs, least), removeOld, signal);
    await this.#write(() => this.#writer.expireBounds(beforeMs, removedPerSlice) === removedPerSlice, signal);
    return count;
  };

  readonly expireHeads = async (
    [beforeMs, limit]: readonly [number, number],
    signal: AbortSignal,
  ): Promise<readonly ConversationKey[]> => {
    const gone: ConversationKey[] = [];
    await this.#write(() => {
      const most = Math.min(removedPerSlice, limit - gone.length);
      const part = this.#heads.expire(beforeMs, most);
      gone.push(...part);
      return part.length === most && gone.length < limit;
    }, signal);
    return gone;
  };

  readonly scrub = async (_: undefined, signal: AbortSignal): Promise<void> => {
    const within = AbortSignal.any([signal, this.#closing.signal]);
    await this.#buildIndex(within);
    await runInSlices(() => this.#words.step(), within);
    await this.#clean.scrub(within);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#clean[Symbol.dispose]();
  }

  /** One by one they would cost a transaction each, and their words could not go with a merge. */
  async #eraseMessages(
    conversation: ConversationKey,
    erasures: readonly Erasure[],
    signal: AbortSignal,
  ): Promise<void> {
    let done = 0;
    const erase = (most: number): boolean => {
      for (const each of erasures.slice(done, done + most))
        this.#writer.erase(conversation, each, { most, from: 0 });
      done += most;
      return done < erasures.length;
    };
    if (erasures.length > 0) await this.#remove((least) => erasures.length >= least, erase, signal);
  }

  async #eraseRange(conversation: ConversationKey, erasure: Erasure, signal: AbortSignal): Promise<void> {
    let from: number | undefined = 0;
    const erase = (most: number): boolean => {
      from = this.#writer.erase(conversation, erasure, { most, from: from ?? 0 });
      return from !== undefined;
    };
    await this.#remove((least) => this.#writer.isMany(conversation, erasure, least), erase, signal);
  }

  async #buildIndex(signal: AbortSignal): Promise<void> {
    await runInSlices(() => this.#index.step(), signal);
  }

  /** Removes messages, and sees to it that their words go: `isMany` tells whether so many are to go. */
  async #remove(
    isMany: (least: number) => boolean,
    slice: (most: number) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (!isMany(this.#words.minForMerge())) return this.#write(() => slice(removedPerSlice), signal);
    try {
      await this.#words.holdMergeDuring(() =>
        this.#write(() => this.#words.deferWords(() => slice(removedPerBulkSlice)), signal),
      );
    } finally {
      this.#merge();
    }
  }

  /** In the background; scrub waits for it. */
  #merge(): void {
    void runInSlices(() => this.#words.step(), this.#closing.signal).catch(() => undefined);
  }

  /** `slice` gives whether there is more to do. */
  async #write(slice: () => boolean, signal: AbortSignal): Promise<void> {
    await runInSlices(() => inTransaction(this.#clean.database, slice), signal);
  }
}

function isOfMessage({ kind }: Erasure): boolean {
  return kind === "message";
}
