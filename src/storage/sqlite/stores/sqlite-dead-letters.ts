import type { DatabaseSync } from "node:sqlite";

import { conversationKey, backgroundInboxOf, type ConversationKey } from "../../../domain/conversation.ts";
import type { DeadLetter, DeadLetters } from "../../../ports/dead-letters.ts";
import type { InboundFormat } from "../../../ports/inbound-format.ts";
import { randomIds } from "../../../runtime/ids.ts";
import { inboundReader, type ReadInbound } from "../../records/inbound-schema.ts";
import { openSecondConnection } from "../database/open-database.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The dead letters in the embedded database. */
export class SqliteDeadLetters implements DeadLetters {
  readonly #transactions: Transactions;
  readonly #readInbound: ReadInbound;
  readonly #statements;

  constructor(database: DatabaseSync, inbounds: InboundFormat) {
    this.#transactions = transactionsOf(database);
    this.#readInbound = inboundReader(inbounds);
    this.#statements = {
      list: database.prepare("SELECT reference, conversation, why, at_ms FROM dead_letter ORDER BY at_ms"),
      entries: database.prepare(
        "SELECT inbound, may_quote FROM dead_letter_entry WHERE reference = ? ORDER BY position",
      ),
      drop: database.prepare("DELETE FROM dead_letter WHERE reference = ? RETURNING conversation"),
      dropOf: database.prepare("DELETE FROM dead_letter WHERE conversation IN (?, ?) AND at_ms <= ?"),
      append: database.prepare(
        "INSERT INTO inbox (conversation, accepted_at_ms, inbound, may_quote, name) VALUES (?, ?, ?, ?, ?)",
      ),
    };
  }

  readonly list = async (): Promise<readonly DeadLetter[]> =>
    this.#transactions.read(() =>
      this.#statements.list.all().map((row) => ({
        reference: String(row["reference"]),
        conversation: conversationKey(row["conversation"]),
        why: String(row["why"]),
        atMs: Number(row["at_ms"]),
        inbounds: this.#entriesOf(String(row["reference"])).flatMap(
          ({ inbound }) => this.#readInbound(inbound) ?? [],
        ),
      })),
    );

  readonly retry = async (reference: string, nowMs: number): Promise<boolean> =>
    this.#transactions.write(() => {
      const entries = this.#entriesOf(reference);
      const row = this.#statements.drop.get(reference);
      if (row === undefined) return false;
      const conversation = String(row["conversation"]);
      for (const { inbound, mayQuote } of entries)
        this.#statements.append.run(conversation, nowMs, inbound, mayQuote, randomIds.name());
      return true;
    });

  readonly drop = async (reference: string): Promise<boolean> =>
    this.#transactions.write(() => this.#statements.drop.get(reference) !== undefined);

  readonly dropConversation = async (conversation: ConversationKey, untilMs: number): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() =>
        this.#statements.dropOf.run(conversation, backgroundInboxOf(conversation), untilMs),
      ),
    );
  };

  #entriesOf(reference: string): readonly { readonly inbound: string; readonly mayQuote: string | null }[] {
    return this.#statements.entries.all(reference).map((row) => ({
      inbound: String(row["inbound"]),
      mayQuote: typeof row["may_quote"] === "string" ? row["may_quote"] : null,
    }));
  }
}

/**
 * Works next to a running bot in the same folder.
 * @throws {DataFolderError} if there is no data of this version.
 */
export async function openSqliteDeadLetters(
  dataDir: string,
  inbounds: InboundFormat,
): Promise<{ readonly deadLetters: DeadLetters } & AsyncDisposable> {
  const second = openSecondConnection(dataDir);
  return {
    deadLetters: new SqliteDeadLetters(second.database, inbounds),
    [Symbol.asyncDispose]: async () => second[Symbol.dispose](),
  };
}
