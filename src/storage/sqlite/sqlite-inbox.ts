import type { DatabaseSync } from "node:sqlite";

import { conversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../../domain/inbound.ts";
import { titleFrom } from "../../domain/title.ts";
import type { Ids } from "../../ports/ids.ts";
import { InboxError, type Acceptance, type Inbox } from "../../ports/inbox.ts";
import type { Log } from "../../ports/log.ts";
import { inboundSchema } from "./inbound-schema.ts";
import { inTransaction } from "./transaction.ts";

/** More than a turn can use; the rest is read when these are done. */
const mostEntries = 200;

/** The inbox in the embedded database. */
export class SqliteInbox implements Inbox {
  readonly #database: DatabaseSync;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #statements;

  constructor(database: DatabaseSync, ids: Ids, log: Log) {
    this.#database = database;
    this.#ids = ids;
    this.#log = log;
    this.#statements = prepareStatements(database);
  }

  readonly accept = async (inbound: Inbound, nowMs: number): Promise<Acceptance> => {
    try {
      return inTransaction(this.#database, () => this.#append(inbound, nowMs));
    } catch (cause) {
      throw new InboxError("The inbox can't be written", { cause });
    }
  };

  readonly waiting = async (conversation: ConversationKey): Promise<readonly InboxEntry[]> => {
    const rows = this.#statements.waiting.all(conversation, mostEntries);
    return rows.flatMap((row) => this.#read(row) ?? []);
  };

  readonly due = async (nowMs: number): Promise<readonly ConversationKey[]> =>
    this.#statements.due.all(nowMs).map((row) => conversationKey(row["conversation"]));

  readonly postpone = async (conversation: ConversationKey, untilMs: number): Promise<void> => {
    this.#statements.postpone.run(untilMs, conversation);
  };

  readonly forgetSeen = async (beforeMs: number): Promise<void> => {
    this.#statements.forgetSeen.run(beforeMs);
  };

  #append(inbound: Inbound, nowMs: number): Acceptance {
    const { conversation, platform, place, dedupeId } = inbound;
    const isKnown = this.#statements.isKnown.get(conversation) !== undefined;
    if (!isKnown && !opensConversation(inbound)) return "ignored";
    if (this.#statements.see.run(dedupeId, nowMs).changes === 0) return "duplicate";
    const title = inbound.kind === "said" ? titleFrom(inbound.message.text) : "";
    this.#statements.list.run(conversation, platform, place, title, nowMs);
    this.#statements.append.run(conversation, nowMs, JSON.stringify(inbound));
    if (inbound.kind === "said")
      this.#statements.locate.run(platform, place, inbound.message.id, conversation);
    return "stored";
  }

  #read(row: Readonly<Record<string, unknown>>): InboxEntry | undefined {
    const seq = Number(row["seq"]);
    const text = String(row["inbound"]);
    try {
      return {
        seq,
        acceptedAtMs: Number(row["accepted_at_ms"]),
        inbound: inboundSchema.parse(JSON.parse(text)),
      };
    } catch {
      // Neither error is logged: both quote what they could not read.
      this.#setAside(seq, String(row["conversation"]), text);
      return undefined;
    }
  }

  /** One unreadable entry costs that entry, never its conversation. */
  #setAside(seq: number, conversation: string, record: string): void {
    const reference = this.#ids.reference();
    inTransaction(this.#database, () => {
      this.#statements.setAside.run(reference, conversation, Date.now(), record);
      this.#statements.remove.run(seq);
    });
    this.#log.error({ reference, seq }, "an unreadable inbox entry was set aside in the table set_aside");
  }
}

/** The rest is appended only where the conversation exists. */
function opensConversation(inbound: Inbound): boolean {
  if (inbound.kind === "commanded") return true;
  return inbound.kind === "said" && inbound.addressing !== "open" && inbound.addressing !== "others";
}

function prepareStatements(database: DatabaseSync) {
  return {
    isKnown: database.prepare("SELECT 1 FROM conversation WHERE key = ?"),
    see: database.prepare("INSERT OR IGNORE INTO seen (dedupe_id, at_ms) VALUES (?, ?)"),
    list: database.prepare(
      `INSERT INTO conversation (key, platform, place, title, last_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET last_at_ms = excluded.last_at_ms,
         title = CASE WHEN title = '' AND is_named = 0 THEN excluded.title ELSE title END`,
    ),
    append: database.prepare("INSERT INTO inbox (conversation, accepted_at_ms, inbound) VALUES (?, ?, ?)"),
    locate: database.prepare(
      "INSERT OR REPLACE INTO located (platform, place, message, conversation) VALUES (?, ?, ?, ?)",
    ),
    waiting: database.prepare(
      "SELECT seq, conversation, accepted_at_ms, inbound FROM inbox WHERE conversation = ? ORDER BY seq LIMIT ?",
    ),
    due: database.prepare(
      `SELECT inbox.conversation, MIN(inbox.seq) AS first FROM inbox
       LEFT JOIN conversation ON conversation.key = inbox.conversation
       WHERE COALESCE(conversation.not_before_ms, 0) <= ? GROUP BY inbox.conversation ORDER BY first`,
    ),
    postpone: database.prepare("UPDATE conversation SET not_before_ms = ? WHERE key = ?"),
    forgetSeen: database.prepare("DELETE FROM seen WHERE at_ms < ?"),
    setAside: database.prepare(
      "INSERT INTO set_aside (reference, conversation, at_ms, record) VALUES (?, ?, ?, ?)",
    ),
    remove: database.prepare("DELETE FROM inbox WHERE seq = ?"),
  };
}
