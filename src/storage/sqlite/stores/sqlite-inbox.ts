import type { DatabaseSync } from "node:sqlite";

import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../../../domain/inbound.ts";
import type { InboundFacts } from "../../../domain/inbound-facts.ts";
import type { InboundFormat } from "../../../ports/inbound-format.ts";
import type { Ids } from "../../../ports/ids.ts";
import { InboxError, maxPostponementMs, type Acceptance, type Inbox } from "../../../ports/inbox.ts";
import { StoreError } from "../../../ports/store-error.ts";
import type { WriteRoom } from "../cleaning/clean-database.ts";
import { SqliteWaitingEntries, type EntryPorts } from "./sqlite-waiting-entries.ts";
import { quotedLocationKey } from "./location-key.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

const knownSql = `SELECT 1 FROM conversation WHERE key = ?1 AND platform <> ''
  UNION ALL SELECT 1 FROM resting WHERE conversation = ?1`;

/** The records of conversations without content, which claiming them created. */
const dropEmptySql = `DELETE FROM conversation WHERE platform = '' AND revision = 0 AND turn IS NULL
  AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.conversation = conversation.key)`;

/** The inbox in the embedded database. */
export class SqliteInbox implements Inbox {
  readonly #transactions: Transactions;
  readonly #ids: Ids;
  readonly #waiting: SqliteWaitingEntries;
  readonly #factsOf: InboundFormat["factsOf"];
  readonly #room: WriteRoom | undefined;
  readonly #statements;

  /** Without `room`, every write is tried. */
  constructor(database: DatabaseSync, ports: EntryPorts, room?: WriteRoom) {
    this.#room = room;
    this.#transactions = transactionsOf(database);
    this.#ids = ports.ids;
    this.#waiting = new SqliteWaitingEntries(database, ports);
    this.#factsOf = ports.inbounds.factsOf;
    this.#statements = prepareStatements(database);
  }

  readonly accept = async (
    inbound: Inbound,
    nowMs: number,
    _?: AbortSignal,
    isKnown = false,
  ): Promise<Acceptance> => {
    try {
      const why = this.#room?.refusal();
      const facts = this.#factsOf(inbound);
      // A full disk still accepts deletions.
      if (why !== undefined && facts.addsText) throw new StoreError(why);
      return await this.#writeWithRetry(() => this.#append(inbound, facts, nowMs, isKnown));
    } catch (cause) {
      throw new InboxError("The inbox can't be written", { cause });
    }
  };

  readonly waiting = async (
    conversation: ConversationKey,
    _?: AbortSignal,
    afterSeq = 0,
  ): Promise<readonly InboxEntry[]> => {
    const rows = await this.#transactions.read(() => this.#waiting.rows(conversation, afterSeq));
    return this.#waiting.entriesIn(rows);
  };

  readonly isMarked = async (mark: string): Promise<boolean> =>
    orStoreError(this.#transactions.read(() => this.#statements.hasSeen.get(mark) !== undefined));

  readonly due = async (nowMs: number): Promise<readonly ConversationKey[]> =>
    orStoreError(
      this.#transactions.read(() =>
        this.#statements.due
          .all(nowMs, nowMs + maxPostponementMs)
          .map((row) => conversationKey(row["conversation"])),
      ),
    );

  readonly postpone = async (conversation: ConversationKey, untilMs: number): Promise<void> => {
    await orStoreError(this.#transactions.write(() => this.#statements.postpone.run(untilMs, conversation)));
  };

  readonly dropDedupeMarks = async (beforeMs: number): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() => {
        this.#statements.forgetSeen.run(beforeMs);
        this.#statements.dropEmptyConversations.run();
      }),
    );
  };

  async #writeWithRetry(append: () => Acceptance): Promise<Acceptance> {
    try {
      return await this.#transactions.write(append);
    } catch (error) {
      if ((await this.#room?.tryMakeRoom()) !== true) throw error;
      return this.#transactions.write(append);
    }
  }

  #append(inbound: Inbound, facts: InboundFacts, nowMs: number, isKnown: boolean): Acceptance {
    const { conversation, dedupeId } = inbound;
    const { see, hasSeen } = this.#statements;
    const { deletionMark, deletedBy } = facts;
    if (deletionMark !== undefined) see.run(deletionMark, nowMs);
    if (deletedBy !== undefined && hasSeen.get(deletedBy) !== undefined) return "duplicate";
    const isWanted = isKnown || facts.opens || this.#statements.isKnown.get(conversation) !== undefined;
    if (!isWanted) return "ignored";
    if (see.run(dedupeId, nowMs).changes === 0) return "duplicate";
    const { lastInsertRowid: seq } = this.#statements.append.run(
      conversation,
      nowMs,
      JSON.stringify(inbound),
      facts.mayQuote === "any" ? null : JSON.stringify(facts.mayQuote),
      this.#ids.name(),
    );
    if (facts.movesUp) this.#list(inbound, facts, Number(seq), nowMs);
    return "stored";
  }

  #list(inbound: Inbound, facts: InboundFacts, seq: number, nowMs: number): void {
    const { conversation, platform, place } = inbound;
    const { title, message, quoted, author } = facts;
    const heard = title === undefined ? null : (message ?? null);
    this.#statements.list.run(conversation, platform, place, title ?? "", nowMs, heard);
    if (message !== undefined) this.#statements.locate.run(platform, place, message, conversation, seq);
    if (quoted !== undefined)
      this.#statements.locate.run(
        platform,
        place,
        quotedLocationKey(quoted, conversation),
        conversation,
        seq,
      );
    if (author !== undefined) this.#statements.write.run(platform, author, conversation, seq, nowMs);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    isKnown: database.prepare(knownSql),
    see: database.prepare("INSERT OR IGNORE INTO seen (dedupe_id, at_ms) VALUES (?, ?)"),
    hasSeen: database.prepare("SELECT 1 FROM seen WHERE dedupe_id = ?"),
    list: database.prepare(
      `INSERT INTO conversation (key, platform, place, title, last_at_ms, last_message) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET platform = excluded.platform, place = excluded.place, last_at_ms = excluded.last_at_ms,
         last_message = COALESCE(excluded.last_message, last_message),
         title = CASE WHEN title = '' AND is_named = 0 THEN excluded.title ELSE title END`,
    ),
    append: database.prepare(
      "INSERT INTO inbox (conversation, accepted_at_ms, inbound, may_quote, name) VALUES (?, ?, ?, ?, ?)",
    ),
    locate: database.prepare(
      "INSERT OR REPLACE INTO located (platform, place, message, conversation, seq) VALUES (?, ?, ?, ?, ?)",
    ),
    write: database.prepare(
      `INSERT INTO author (platform, author, conversation, seq, at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms`,
    ),
    due: database.prepare(
      `SELECT inbox.conversation, MIN(inbox.seq) AS first FROM inbox
       LEFT JOIN conversation ON conversation.key = inbox.conversation
       WHERE COALESCE(conversation.not_before_ms, 0) <= ? OR conversation.not_before_ms > ? GROUP BY inbox.conversation ORDER BY first`,
    ),
    postpone: database.prepare("UPDATE conversation SET not_before_ms = ? WHERE key = ?"),
    forgetSeen: database.prepare("DELETE FROM seen WHERE at_ms < ?"),
    dropEmptyConversations: database.prepare(dropEmptySql),
  };
}
