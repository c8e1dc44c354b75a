import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { InboxEntry } from "../../../domain/inbound.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { InboundFormat } from "../../../ports/inbound-format.ts";
import type { Log } from "../../../ports/log.ts";
import { entryId } from "../../records/entry-id.ts";
import { inboundReader, type ReadInbound } from "../../records/inbound-schema.ts";
import { takeBatch, maxBatchEntries } from "../../records/read-batch.ts";
import { transactionsOf, type Transactions } from "../connection/transaction.ts";

/** Most conversations have fewer that wait. */
const fewEntries = 4;

export interface EntryPorts {
  readonly ids: Ids;
  readonly log: Log;
  readonly inbounds: InboundFormat;
}

type Row = Readonly<Record<string, unknown>>;

/** Reads the entries that wait in the embedded database. */
export class SqliteWaitingEntries {
  readonly #transactions: Transactions;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #readInbound: ReadInbound;
  readonly #statements;

  constructor(database: DatabaseSync, { ids, log, inbounds }: EntryPorts) {
    this.#transactions = transactionsOf(database);
    this.#ids = ids;
    this.#log = log;
    this.#readInbound = inboundReader(inbounds);
    this.#statements = prepareStatements(database);
  }

  /** The next ones of a conversation, within the caller's read or write. For `entriesIn`. */
  rows(conversation: ConversationKey, afterSeq = 0): readonly Row[] {
    const { few, all } = this.#statements;
    // An iterator costs more than a few rows.
    const first = few.all(conversation, afterSeq);
    return first.length < fewEntries
      ? takeBatch(first, charsOf)
      : takeBatch(all.iterate(conversation, afterSeq), charsOf);
  }

  /** Those that can be read. Each other one is quarantined alone, and the conversation goes on. */
  async entriesIn(rows: readonly Row[]): Promise<readonly InboxEntry[]> {
    const entries: InboxEntry[] = [];
    for (const row of rows) {
      const entry = this.#read(row);
      if (entry === undefined) await this.#quarantine(row);
      else entries.push(entry);
    }
    return entries;
  }

  /** Undefined if it can't be read. */
  #read(row: Row): InboxEntry | undefined {
    const inbound = this.#readInbound(String(row["inbound"]));
    if (inbound === undefined) return undefined;
    const seq = Number(row["seq"]);
    const name = row["name"];
    const id = entryId(seq, typeof name === "string" ? name : undefined);
    return { id, seq, acceptedAtMs: Number(row["accepted_at_ms"]), inbound };
  }

  async #quarantine(row: Row): Promise<void> {
    const reference = this.#ids.reference();
    const seq = Number(row["seq"]);
    await this.#transactions.write(() => {
      const { conversation, inbound } = row;
      this.#statements.setAside.run(reference, String(conversation), Date.now(), String(inbound));
      this.#statements.remove.run(seq);
    });
    this.#log.error(
      { reference, seq, table: "set_aside" },
      "an unreadable inbox entry was quarantined; look it up by its reference",
    );
  }
}

function charsOf({ inbound }: Row): number {
  return String(inbound).length;
}

function prepareStatements(database: DatabaseSync) {
  // SQLite prepares a statement again each time that a parameter after LIMIT is bound.
  const waiting = (limit: number) =>
    database.prepare(
      `SELECT seq, name, conversation, accepted_at_ms, inbound FROM inbox WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ${limit}`,
    );
  return {
    few: waiting(fewEntries),
    all: waiting(maxBatchEntries),
    setAside: database.prepare(
      "INSERT INTO set_aside (reference, conversation, at_ms, record) VALUES (?, ?, ?, ?)",
    ),
    remove: database.prepare("DELETE FROM inbox WHERE seq = ?"),
  };
}
