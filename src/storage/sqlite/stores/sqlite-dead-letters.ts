import type { DatabaseSync } from "node:sqlite";

import { conversationKey, backgroundInboxOf, type ConversationKey } from "../../../domain/conversation.ts";
import type { DeadLetter, DeadLetters } from "../../../ports/dead-letters.ts";
import { randomIds } from "../../../runtime/ids.ts";
import { readInbound } from "../../records/inbound-schema.ts";
import { entriesOf } from "./sqlite-erasure.ts";
import { openSecondConnection } from "../database/open-database.ts";
import { inTransaction, orStoreError } from "../connection/transaction.ts";

/** The dead letters in the embedded database. */
export class SqliteDeadLetters implements DeadLetters {
  readonly #database: DatabaseSync;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = {
      list: database.prepare(
        "SELECT reference, conversation, why, at_ms, entries FROM dead_letter ORDER BY at_ms",
      ),
      take: database.prepare("DELETE FROM dead_letter WHERE reference = ? RETURNING conversation, entries"),
      dropOf: database.prepare("DELETE FROM dead_letter WHERE conversation IN (?, ?) AND at_ms <= ?"),
      append: database.prepare(
        "INSERT INTO inbox (conversation, accepted_at_ms, inbound, name) VALUES (?, ?, ?, ?)",
      ),
    };
  }

  readonly list = async (): Promise<readonly DeadLetter[]> =>
    this.#statements.list.all().map((row) => ({
      reference: String(row["reference"]),
      conversation: conversationKey(row["conversation"]),
      why: String(row["why"]),
      atMs: Number(row["at_ms"]),
      inbounds: entriesOf(row["entries"]).flatMap((entry) => readInbound(entry) ?? []),
    }));

  readonly retry = async (reference: string, nowMs: number): Promise<boolean> =>
    inTransaction(this.#database, () => {
      const row = this.#statements.take.get(reference);
      if (row === undefined) return false;
      const conversation = String(row["conversation"]);
      for (const entry of entriesOf(row["entries"])) {
        this.#statements.append.run(conversation, nowMs, entry, randomIds.name());
      }
      return true;
    });

  readonly drop = async (reference: string): Promise<boolean> =>
    this.#statements.take.get(reference) !== undefined;

  readonly dropConversation = async (conversation: ConversationKey, untilMs: number): Promise<void> => {
    orStoreError(() => this.#statements.dropOf.run(conversation, backgroundInboxOf(conversation), untilMs));
  };
}

/**
 * Works next to a running bot in the same folder.
 * @throws {DataFolderError} if there is no data of this version.
 */
export async function openSqliteDeadLetters(
  dataDir: string,
): Promise<{ readonly deadLetters: DeadLetters } & AsyncDisposable> {
  const second = openSecondConnection(dataDir);
  return {
    deadLetters: new SqliteDeadLetters(second.database),
    [Symbol.asyncDispose]: async () => second[Symbol.dispose](),
  };
}
