import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Recollection } from "../../domain/recollection.ts";
import type { Lease, PostId, Turn } from "../../domain/turn.ts";
import { type Finish, type Journal, StaleLeaseError, type Taken } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import { inTransaction } from "./transaction.ts";
import { turnSchema } from "./turn-schema.ts";

/**
 * Where working memory is written when a turn finishes. In the same file: within the finish's own transaction.
 * Elsewhere: before it, so that a crash between the two leaves the inbox entry, and the repeat changes nothing.
 */
export interface MemoryWriter {
  readonly before: (recollection: Recollection, signal: AbortSignal) => Promise<void>;
  readonly within: (recollection: Recollection) => void;
  readonly forgetBefore: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  readonly forgetWithin: (conversation: ConversationKey) => void;
}

/** The journal in the embedded database. */
export class SqliteJournal implements Journal {
  readonly #database: DatabaseSync;
  readonly #memory: MemoryWriter;
  readonly #log: Log;
  readonly #statements;

  constructor(database: DatabaseSync, memory: MemoryWriter, log: Log) {
    this.#database = database;
    this.#memory = memory;
    this.#log = log;
    this.#statements = prepareStatements(database);
  }

  readonly take = async (conversation: ConversationKey): Promise<Taken> => {
    const row = this.#statements.take.get(conversation);
    const turn = this.#read(row?.["turn"]);
    return {
      lease: { conversation, epoch: Number(row?.["epoch"]) },
      isShared: row?.["is_shared"] === 1,
      ...(turn === undefined ? {} : { turn }),
    };
  };

  readonly assertCurrent = async (lease: Lease): Promise<void> => {
    this.#assertCurrent(lease);
  };

  readonly note = async (lease: Lease, turn: Turn): Promise<void> => {
    const { changes } = this.#statements.note.run(JSON.stringify(turn), lease.conversation, lease.epoch);
    if (changes === 0) throw stale();
  };

  readonly finish = async (lease: Lease, finish: Finish, signal: AbortSignal): Promise<void> => {
    this.#assertCurrent(lease);
    if (finish.recollection !== undefined) await this.#memory.before(finish.recollection, signal);
    if (finish.erase === true) await this.#memory.forgetBefore(lease.conversation, signal);
    inTransaction(this.#database, () => {
      this.#assertCurrent(lease);
      if (finish.recollection !== undefined) this.#memory.within(finish.recollection);
      if (finish.deadLetter !== undefined) this.#bury(lease, finish, finish.deadLetter);
      for (const seq of finish.covers) this.#statements.close.run(seq, lease.conversation);
      this.#locate(lease.conversation, finish.posts);
      const speakers = finish.recollection?.speakers.length;
      const isShared = speakers === undefined ? null : Number(speakers > 1);
      this.#statements.rest.run(isShared, finish.title ?? null, lease.conversation);
      if (finish.erase === true) this.#erase(lease.conversation);
    });
  };

  #assertCurrent(lease: Lease): void {
    const row = this.#statements.epoch.get(lease.conversation);
    if (Number(row?.["epoch"]) !== lease.epoch) throw stale();
  }

  #read(turn: unknown): Turn | undefined {
    if (typeof turn !== "string") return undefined;
    try {
      return turnSchema.parse(JSON.parse(turn));
    } catch {
      // It is planned anew from the inbox; at worst a placeholder doubles.
      this.#log.error({}, "an unreadable journal line was dropped");
      return undefined;
    }
  }

  #bury(lease: Lease, finish: Finish, letter: NonNullable<Finish["deadLetter"]>): void {
    const entries = finish.covers.flatMap((seq) => this.#statements.entry.all(seq, lease.conversation));
    const texts = JSON.stringify(entries.map((row) => row["inbound"]));
    this.#statements.bury.run(letter.reference, lease.conversation, letter.why, Date.now(), texts);
  }

  #locate(conversation: ConversationKey, posts: readonly PostId[]): void {
    for (const post of posts) {
      this.#statements.locate.run(post.slice(post.lastIndexOf("/") + 1), conversation, conversation);
    }
  }

  #erase(conversation: ConversationKey): void {
    this.#memory.forgetWithin(conversation);
    this.#statements.unlocate.run(conversation);
    this.#statements.unbury.run(conversation);
    this.#statements.unsetAside.run(conversation);
    // What was said after the erasure waits still, and belongs to a conversation that begins anew.
    this.#statements.unname.run(conversation);
    this.#statements.unlist.run(conversation, conversation);
  }
}

function stale(): StaleLeaseError {
  return new StaleLeaseError("Another process took the conversation over");
}

function prepareStatements(database: DatabaseSync) {
  return {
    take: database.prepare(
      `INSERT INTO conversation (key, platform, place, epoch) VALUES (?, '', '', 1)
       ON CONFLICT (key) DO UPDATE SET epoch = epoch + 1 RETURNING epoch, turn, is_shared`,
    ),
    epoch: database.prepare("SELECT epoch FROM conversation WHERE key = ?"),
    note: database.prepare("UPDATE conversation SET turn = ? WHERE key = ? AND epoch = ?"),
    close: database.prepare("DELETE FROM inbox WHERE seq = ? AND conversation = ?"),
    rest: database.prepare(
      `UPDATE conversation SET turn = NULL, not_before_ms = 0, is_shared = COALESCE(?, is_shared),
         title = CASE WHEN is_named = 1 THEN title ELSE COALESCE(?, title) END WHERE key = ?`,
    ),
    locate: database.prepare(
      `INSERT OR REPLACE INTO located (platform, place, message, conversation)
       SELECT platform, place, ?, ? FROM conversation WHERE key = ?`,
    ),
    entry: database.prepare("SELECT inbound FROM inbox WHERE seq = ? AND conversation = ?"),
    bury: database.prepare(
      "INSERT INTO dead_letter (reference, conversation, why, at_ms, entries) VALUES (?, ?, ?, ?, ?)",
    ),
    unlocate: database.prepare("DELETE FROM located WHERE conversation = ?"),
    unbury: database.prepare("DELETE FROM dead_letter WHERE conversation = ?"),
    unsetAside: database.prepare("DELETE FROM set_aside WHERE conversation = ?"),
    unname: database.prepare("UPDATE conversation SET title = '', is_named = 0 WHERE key = ?"),
    unlist: database.prepare(
      "DELETE FROM conversation WHERE key = ? AND NOT EXISTS (SELECT 1 FROM inbox WHERE conversation = ?)",
    ),
  };
}
