import type { ConversationKey } from "../../../domain/conversation.ts";
import type { SyncBatch } from "../../../domain/archive.ts";
import type { ArchiveWriter, UnindexedText } from "./archive-writer.ts";
import type { HeadWriter } from "./head-writer.ts";
import type { RecordWriter } from "./record-writer.ts";

/** Of short messages; about 30 ms. Each transaction writes pages of the word index again, so few cost less than many. */
const addedAtOnce = 400;

interface Writers {
  readonly writer: ArchiveWriter;
  readonly heads: HeadWriter;
  readonly records: RecordWriter;
}

/** Stores conversations that have nothing new but messages and records. */
export class NewBatchWriter {
  readonly #writers: Writers;

  constructor(writers: Writers) {
    this.#writers = writers;
  }

  /**
   * In one transaction of the caller, which must not remove messages: takes batches from the front of `waiting` and stores them.
   * Returns the conversations that were left as they are, because not every message is new and wanted.
   */
  addSome(waiting: SyncBatch[]): readonly ConversationKey[] {
    const left: ConversationKey[] = [];
    // Words come last and in the order of rows: then FTS5 writes them all at once.
    const unindexed: UnindexedText[] = [];
    for (let count = 0; count < addedAtOnce && waiting.length > 0;) {
      const batch = waiting.shift();
      if (batch === undefined) break;
      count += batch.messages.length + 1;
      const added = this.#add(batch);
      if (added === undefined) left.push(batch.conversation);
      else unindexed.push(...added);
    }
    for (const each of unindexed) this.#writers.writer.index(each);
    return left;
  }

  /** Undefined if it was left. */
  #add({ records = [], head, ...batch }: SyncBatch): readonly UnindexedText[] | undefined {
    const { writer, heads, records: recordWriter } = this.#writers;
    // Of a message that comes twice, only the last text has words to remove.
    const messages = [...new Map(batch.messages.map((message) => [message.id, message])).values()];
    if (!messages.every((message) => writer.isNew(batch, message))) return undefined;
    for (const record of records) recordWriter.save(record);
    const added = messages.flatMap((message) => writer.add(batch, message));
    if (head !== undefined) heads.save(head);
    return added;
  }
}
