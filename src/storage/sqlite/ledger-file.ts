import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Filed, Filing, Forgotten } from "../../domain/ledger.ts";
import type { MessageId } from "../../domain/message.ts";
import { HeadWriter } from "./head-writer.ts";
import { inSlices } from "./in-slices.ts";
import { scrubLedger } from "./ledger-scrub.ts";
import type { WritingStatements } from "./ledger-statements.ts";
import { LedgerWriter, type Somebody } from "./ledger-writer.ts";
import { inTransaction } from "./transaction.ts";

/** How many rows are written or removed at once: between two slices other calls have a turn. */
const sliceSize = 50;

/**
 * What changes the archive, in the thread that writes it. What is long is done in slices, each a transaction of its own;
 * what is interrupted is half done, and whole when it is told again.
 */
export class LedgerFile {
  readonly #database: DatabaseSync;
  readonly #statements: WritingStatements;
  readonly #writer: LedgerWriter;
  readonly #heads: HeadWriter;
  /** While it lasts, nothing else is written. */
  #scrubbing: Promise<unknown> | undefined;

  constructor(database: DatabaseSync, statements: WritingStatements) {
    this.#database = database;
    this.#statements = statements;
    this.#writer = new LedgerWriter(statements);
    this.#heads = new HeadWriter(database);
  }

  readonly file = async (filing: Filing, signal: AbortSignal): Promise<Filed> => {
    const { conversation, erasures, messages, head } = filing;
    const refused: MessageId[] = [];
    for (const each of erasures)
      await this.#write(() => this.#writer.erase(conversation, each, sliceSize), signal);
    const waiting = [...messages];
    await this.#write(() => {
      for (const message of waiting.splice(0, sliceSize))
        if (!this.#writer.keep(filing, message)) refused.push(message.id);
      if (waiting.length === 0 && head !== undefined) this.#heads.keep(head);
      return waiting.length > 0;
    }, signal);
    return { refused };
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

  readonly forgetAuthor = async (somebody: Somebody, signal: AbortSignal): Promise<Forgotten> => {
    const conversations = new Set<ConversationKey>();
    const count = { messages: 0, replies: 0 };
    await this.#write(() => {
      const gone = this.#writer.forget(somebody, sliceSize);
      for (const conversation of gone.conversations) conversations.add(conversation);
      count.messages += gone.messages;
      count.replies += gone.replies;
      return gone.messages === sliceSize;
    }, signal);
    return { conversations: [...conversations], ...count };
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

  readonly scrub = async (_: undefined, signal: AbortSignal): Promise<void> => {
    await this.#untilWritable(signal);
    if (this.#statements.isToBeScrubbed.get() === undefined) return;
    const scrubbing = scrubLedger(this.#database, signal);
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

  /** `slice` gives whether there is more to do. */
  async #write(slice: () => boolean, signal: AbortSignal): Promise<void> {
    await inSlices(async () => {
      await this.#untilWritable(signal);
      return inTransaction(this.#database, slice);
    }, signal);
  }

  async #untilWritable(signal: AbortSignal): Promise<void> {
    while (this.#scrubbing !== undefined) await this.#scrubbing.catch(() => undefined);
    signal.throwIfAborted();
  }
}
