import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ArchivedMarks } from "../../../ports/archived-marks.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The marks of archived conversations in the embedded database. */
export class SqliteArchivedMarks implements ArchivedMarks {
  readonly #transactions: Transactions;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#statements = prepareStatements(database);
  }

  readonly missing = async (conversations: readonly ConversationKey[]): Promise<readonly ConversationKey[]> =>
    orStoreError(this.#transactions.read(() => this.#absent(conversations)));

  readonly mayBeArchived = async (conversation: ConversationKey): Promise<boolean> =>
    orStoreError(
      this.#transactions.read(
        () => this.#statements.mayBeArchived.get(conversation) !== undefined || !this.#isWhole(),
      ),
    );

  readonly mark = async (conversations: readonly ConversationKey[]): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() => {
        for (const each of this.#absent(conversations)) this.#statements.mark.run(each);
      }),
    );
  };

  readonly isComplete = async (): Promise<boolean> =>
    orStoreError(this.#transactions.read(() => this.#isWhole()));

  readonly markComplete = async (): Promise<void> => {
    await orStoreError(this.#transactions.write(() => this.#statements.markWhole.run()));
  };

  #absent(conversations: readonly ConversationKey[]): readonly ConversationKey[] {
    return conversations.filter((each) => this.#statements.isKnown.get(each) === undefined);
  }

  #isWhole(): boolean {
    return this.#statements.isWhole.get() !== undefined;
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    isKnown: database.prepare(
      "SELECT 1 FROM conversation WHERE key = ? AND (platform <> '' OR revision > 0)",
    ),
    mayBeArchived: database.prepare(
      `SELECT 1 FROM resting WHERE conversation = ?1
       UNION ALL SELECT 1 FROM conversation WHERE key = ?1 AND revision > 0`,
    ),
    mark: database.prepare("INSERT OR IGNORE INTO resting (conversation) VALUES (?)"),
    isWhole: database.prepare("SELECT 1 FROM whole"),
    markWhole: database.prepare("INSERT OR IGNORE INTO whole (id) VALUES (1)"),
  };
}
