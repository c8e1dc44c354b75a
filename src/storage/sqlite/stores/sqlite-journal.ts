import type { DatabaseSync } from "node:sqlite";

import { hasSeveralPeople } from "../../../domain/people-in.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { EntryId } from "../../../domain/inbound.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import { type Lease, type Turn } from "../../../domain/turn.ts";
import { type Finish, type Journal, StaleLeaseError, type Claim } from "../../../ports/journal.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import { parseEntryId } from "../../records/entry-id.ts";
import { SqliteErasure } from "./sqlite-erasure.ts";
import type { MemoryWriter } from "./sqlite-memory-writer.ts";
import { SqliteWaitingEntries, type EntryPorts } from "./sqlite-waiting-entries.ts";
import { SqliteRestoring } from "./sqlite-restoring.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";
import { readSuspicion } from "../../records/suspicion-schema.ts";
import { readTurn } from "../../records/turn-schema.ts";
import { type PostId, messageIdOf } from "../../../domain/message.ts";

/** The journal in the embedded database. */
export class SqliteJournal implements Journal {
  readonly #transactions: Transactions;
  readonly #memoryWriter: MemoryWriter;
  readonly #waiting: SqliteWaitingEntries;
  readonly #erasure: SqliteErasure;
  readonly #ids: Ids;
  readonly #restoring: SqliteRestoring;
  readonly #log: Log;
  readonly #statements;

  constructor(database: DatabaseSync, memoryWriter: MemoryWriter, ports: EntryPorts) {
    this.#transactions = transactionsOf(database);
    this.#memoryWriter = memoryWriter;
    this.#waiting = new SqliteWaitingEntries(database, ports);
    this.#ids = ports.ids;
    this.#erasure = new SqliteErasure(database, memoryWriter);
    this.#restoring = new SqliteRestoring(database);
    this.#log = ports.log;
    this.#statements = prepareStatements(database);
  }

  readonly claim = async (conversation: ConversationKey, worker: string): Promise<Claim> => {
    const name = this.#ids.name();
    const { row, previous, rows, memory } = await this.#write(() => {
      // One counter for all conversations, so that an erased one that begins again never reuses an epoch.
      const epoch = Number(this.#statements.raise.get()?.["last"]);
      const before = this.#statements.previous.get(conversation);
      const claimed = this.#statements.take.get(conversation, epoch, name, worker);
      return {
        row: claimed,
        previous: before,
        rows: this.#waiting.rows(conversation),
        memory: this.#memoryWriter.snapshot(conversation),
      };
    });
    const leftBy = previous?.["worker"];
    const suspicion = readSuspicion(previous?.["suspicion"]);
    const turn = readTurn(row?.["turn"], this.#log);
    return {
      lease: { conversation, epoch: Number(row?.["epoch"]), name },
      isShared: row?.["is_shared"] === 1 || row?.["revision"] === 0,
      syncedRevision: Number(row?.["filed"]),
      newestSeq: Number(row?.["newest_seq"]),
      waiting: await orStoreError(this.#waiting.entriesIn(rows)),
      ...(memory === undefined ? {} : { memory }),
      ...(turn === undefined ? {} : { turn }),
      ...(typeof leftBy === "string" ? { leftBy } : {}),
      ...(suspicion === undefined ? {} : { suspicion }),
    };
  };

  readonly mark: Journal["mark"] = async (lease, { worker, suspicion }) => {
    const stored = suspicion === undefined ? null : JSON.stringify(suspicion);
    const { conversation, name } = lease;
    const { changes } = await this.#write(() =>
      this.#statements.mark.run(worker ?? null, stored, conversation, name),
    );
    if (changes === 0) throw stale();
  };

  readonly assertCurrent = async (lease: Lease): Promise<void> => {
    await this.#transactions.read(() => this.#assertCurrent(lease));
  };

  readonly running = async (lease: Lease): Promise<Turn | undefined> => {
    const row = await this.#transactions.read(() => {
      this.#assertCurrent(lease);
      return this.#statements.running.get(lease.conversation);
    });
    return readTurn(row?.["turn"], this.#log);
  };

  readonly save = async (lease: Lease, turn: Turn): Promise<void> => {
    const line = JSON.stringify(turn);
    const { changes } = await this.#write(() =>
      this.#statements.saveTurn.run(line, lease.conversation, lease.name),
    );
    if (changes === 0) throw stale();
  };

  readonly finish: Journal["finish"] = async (lease, finish) => {
    const { gone = [], changed = [], erase = false } = finish;
    const hasTraces = gone.length > 0 || changed.length > 0;
    return this.#write(() => {
      this.#assertCurrent(lease);
      if (finish.deadLetter !== undefined) this.#addDeadLetter(lease, finish, finish.deadLetter);
      for (const id of finish.covers) this.#statements.removeEntry.run(...entryIn(lease, id));
      this.#locate(lease.conversation, finish.posts);
      const { memory: now } = finish;
      const isShared = now === undefined ? null : Number(hasSeveralPeople(now));
      const goesOn = finish.goesOn === true ? 1 : 0;
      const isUnnamed = finish.isUnnamed === true ? 1 : 0;
      const suspicion = finish.suspicion === undefined ? null : JSON.stringify(finish.suspicion);
      const { title = null } = finish;
      this.#statements.endTurn.run(goesOn, isShared, isUnnamed, title, lease.conversation, suspicion);
      if (hasTraces) this.#erasure.eraseTraces(lease.conversation, gone, changed);
      if (erase) this.#erasure.eraseConversation(lease.conversation);
      if (finish.memory !== undefined) this.#remember(finish.memory);
      else this.#statements.dropEmptyConversation.run(lease.conversation, lease.conversation);
      return this.#statements.isWaiting.get(lease.conversation) === undefined ? "rest" : "more";
    });
  };

  readonly quarantineMemory: Journal["quarantineMemory"] = async (lease, reference, instead) => {
    await this.#write(() => {
      this.#assertCurrent(lease);
      this.#memoryWriter.quarantine(lease.conversation, reference);
      if (instead === undefined) this.#statements.clearPendingSync.run(lease.conversation);
      else this.#memoryWriter.remember(instead);
    });
  };

  readonly restore: Journal["restore"] = async (lease, memory, archived) => {
    await this.#write(() => {
      this.#assertCurrent(lease);
      this.#memoryWriter.remember(memory);
      this.#restoring.restoreEntries(memory, archived);
    });
  };

  readonly #write = <T>(work: () => T): Promise<T> => orStoreError(this.#transactions.write(work));

  #assertCurrent(lease: Lease): void {
    const row = this.#statements.lease.get(lease.conversation);
    if (row?.["lease"] !== lease.name) throw stale();
  }

  #remember(memory: ConversationMemory): void {
    this.#memoryWriter.remember(memory);
    const { revision, conversation } = memory;
    this.#statements.markPendingSync.run(revision, Date.now(), conversation);
  }

  #addDeadLetter(lease: Lease, finish: Finish, letter: NonNullable<Finish["deadLetter"]>): void {
    const { reference, why } = letter;
    this.#statements.addDeadLetter.run(reference, lease.conversation, why, Date.now());
    for (const [position, id] of finish.covers.entries())
      this.#statements.addDeadLetterEntry.run(reference, position, ...entryIn(lease, id));
  }

  #locate(conversation: ConversationKey, posts: readonly PostId[]): void {
    for (const post of posts) {
      this.#statements.locate.run(messageIdOf(post), conversation, conversation);
    }
  }
}

/** The parameters that find an entry. */
function entryIn({ conversation }: Lease, id: EntryId): [number, string, string | null] {
  const { seq, name } = parseEntryId(id);
  return [seq, conversation, name ?? null];
}

function stale(): StaleLeaseError {
  return new StaleLeaseError("Another process claimed the conversation");
}

function prepareStatements(database: DatabaseSync) {
  return { ...leaseStatements(database), ...finishStatements(database) };
}

function leaseStatements(database: DatabaseSync) {
  return {
    raise: database.prepare("UPDATE epoch SET last = last + 1 RETURNING last"),
    take: database.prepare(
      `INSERT INTO conversation (key, platform, place, epoch, lease, worker)
         VALUES (?1, '', '', ?2, ?3, CASE WHEN EXISTS (SELECT 1 FROM inbox WHERE inbox.conversation = ?1) THEN ?4 END)
       ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch, lease = excluded.lease, worker = COALESCE(excluded.worker, worker)
       RETURNING epoch, turn, is_shared, filed, revision,
         (SELECT MAX(seq) FROM inbox WHERE inbox.conversation = ?1) AS newest_seq`,
    ),
    // The name decides, not the epoch, because a recovered database may assign an epoch twice.
    lease: database.prepare("SELECT lease FROM conversation WHERE key = ?"),
    previous: database.prepare("SELECT worker, suspicion FROM conversation WHERE key = ?"),
    mark: database.prepare("UPDATE conversation SET worker = ?, suspicion = ? WHERE key = ? AND lease = ?"),
    running: database.prepare("SELECT turn FROM conversation WHERE key = ?"),
    saveTurn: database.prepare("UPDATE conversation SET turn = ? WHERE key = ? AND lease = ?"),
  };
}

function finishStatements(database: DatabaseSync) {
  return {
    // A lost memory that began again counts revisions from the start.
    markPendingSync: database.prepare(
      `UPDATE conversation SET revision = ?1, filed = MIN(filed, MAX(?1 - 1, 0)), unfiled_since_ms = COALESCE(unfiled_since_ms, ?2)
       WHERE key = ?3`,
    ),
    clearPendingSync: database.prepare("UPDATE conversation SET unfiled_since_ms = NULL WHERE key = ?"),
    isWaiting: database.prepare("SELECT 1 FROM inbox WHERE conversation = ? LIMIT 1"),
    removeEntry: database.prepare("DELETE FROM inbox WHERE seq = ? AND conversation = ? AND name IS ?"),
    endTurn: database.prepare(
      `UPDATE conversation SET turn = CASE WHEN ?1 = 1 THEN turn END, not_before_ms = 0,
         is_shared = COALESCE(?2, is_shared), is_named = CASE WHEN ?3 = 1 THEN 0 ELSE is_named END,
         title = CASE WHEN is_named = 0 THEN COALESCE(?4, title) WHEN ?3 = 1 THEN COALESCE(?4, '') ELSE title END,
         worker = NULL, suspicion = CASE WHEN EXISTS (SELECT 1 FROM inbox WHERE inbox.conversation = ?5) THEN ?6 END
       WHERE key = ?5`,
    ),
    locate: database.prepare(
      `INSERT OR REPLACE INTO located (platform, place, message, conversation)
       SELECT platform, place, ?, ? FROM conversation WHERE key = ? AND platform <> ''`,
    ),
    addDeadLetter: database.prepare(
      "INSERT INTO dead_letter (reference, conversation, why, at_ms) VALUES (?, ?, ?, ?)",
    ),
    addDeadLetterEntry: database.prepare(
      `INSERT INTO dead_letter_entry (reference, position, inbound, may_quote)
       SELECT ?, ?, inbound, may_quote FROM inbox WHERE seq = ? AND conversation = ? AND name IS ?`,
    ),
    // A conversation without any content.
    dropEmptyConversation: database.prepare(
      `DELETE FROM conversation WHERE key = ? AND platform = '' AND revision = 0
         AND NOT EXISTS (SELECT 1 FROM inbox WHERE conversation = ?)`,
    ),
  };
}
