import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Charge, Slot, UsageCounters } from "../../../ports/usage.ts";
import type { Log } from "../../../ports/log.ts";
import { counterName } from "../../records/counter-name.ts";
import { logUnsettled } from "../../records/unsettled-usage.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

const dayMs = 86_400_000;

/** Usage counters in the embedded database. Running turns are counted in-process, since only one process works. */
export class SqliteUsage implements UsageCounters {
  readonly #transactions: Transactions;
  readonly #log: Log;
  readonly #count: StatementSync;
  readonly #add: StatementSync;
  readonly #dropOldDays: StatementSync;
  /** The day on which old days were dropped last. */
  #cleanedOn: number | undefined;
  readonly #running = new Map<string, Map<string, number>>();

  constructor(database: DatabaseSync, log: Log) {
    this.#transactions = transactionsOf(database);
    this.#log = log;
    this.#count = database.prepare("SELECT amount FROM usage WHERE day = ? AND counter = ?");
    this.#add = database.prepare(
      `INSERT INTO usage (day, counter, amount) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
    );
    this.#dropOldDays = database.prepare("DELETE FROM usage WHERE day < ?");
  }

  readonly charge = async (charges: readonly Charge[], nowMs: number): Promise<Charge | undefined> => {
    const day = Math.floor(nowMs / dayMs);
    const isOver = ({ counter, amount, limit }: Charge): boolean =>
      limit !== undefined && amount > 0 && this.#amountOf(day, counter) + amount > limit;
    return orStoreError(
      this.#transactions.write(() => {
        const over = charges.find(isOver);
        if (over !== undefined) return over;
        for (const { counter, amount } of charges)
          this.#add.run(day, counterName(counter), Math.round(amount));
        if (day !== this.#cleanedOn) this.#dropOldDays.run(day - 1);
        this.#cleanedOn = day;
        return undefined;
      }),
    );
  };

  readonly adjust = (charges: readonly Charge[], nowMs: number): void => {
    const unlimited = charges.map(({ counter, amount }) => ({ counter, amount }));
    void this.charge(unlimited, nowMs).catch((error: unknown) => logUnsettled(this.#log, error));
  };

  readonly enter = async (
    { holder, turn }: Slot,
    { most, heldMs }: { readonly most: number; readonly heldMs: number },
    nowMs: number,
  ): Promise<boolean> => {
    const turns = this.#running.get(holder) ?? new Map<string, number>();
    for (const [each, untilMs] of turns) if (untilMs <= nowMs) turns.delete(each);
    if (!turns.has(turn) && turns.size >= most) return false;
    this.#running.set(holder, turns.set(turn, nowMs + heldMs));
    return true;
  };

  readonly leave = ({ holder, turn }: Slot): void => {
    const turns = this.#running.get(holder);
    turns?.delete(turn);
    if (turns?.size === 0) this.#running.delete(holder);
  };

  #amountOf(day: number, counter: string): number {
    return Number(this.#count.get(day, counterName(counter))?.["amount"] ?? 0);
  }
}
