import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Charge, Slot, UsageCounters } from "../../../ports/usage.ts";
import type { Log } from "../../../ports/log.ts";
import { counterName } from "../../records/counter-name.ts";
import { logUnsettled } from "../../records/unsettled-usage.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

const dayMs = 86_400_000;
/** How long a correction waits for a charge that takes it along. */
const settleAfterMs = 500;
/** So many counters are corrected at once. */
const maxCorrected = 500;

interface Correction {
  readonly day: number;
  readonly counter: string;
  readonly amount: number;
}

/**
 * Usage counters in the embedded database. Corrections are written together: with the next charge, or after half a second.
 * Running turns are counted in-process, since only one process works.
 */
export class SqliteUsage implements UsageCounters, Disposable {
  readonly #transactions: Transactions;
  readonly #log: Log;
  readonly #count: StatementSync;
  readonly #add: StatementSync;
  readonly #dropOldDays: StatementSync;
  /** The day on which old days were dropped last. */
  #cleanedOn = 0;
  /** By day and counter. */
  #corrections = new Map<string, Correction>();
  #timer: NodeJS.Timeout | undefined;
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
    const day = dayOf(nowMs);
    const isOver = ({ counter, amount, limit }: Charge): boolean =>
      limit !== undefined && amount > 0 && this.#amountOf(day, counter) + amount > limit;
    return this.#write(() => {
      const over = charges.find(isOver);
      if (over !== undefined) return over;
      for (const { counter, amount } of charges) this.#addTo(day, counter, Math.round(amount));
      return undefined;
    });
  };

  readonly adjust = (charges: readonly Charge[], nowMs: number): void => {
    const day = dayOf(nowMs);
    for (const { counter, amount } of charges) {
      const key = `${day} ${counter}`;
      const before = this.#corrections.get(key)?.amount ?? 0;
      this.#corrections.set(key, { day, counter, amount: before + Math.round(amount) });
    }
    if (this.#corrections.size >= maxCorrected) this.#settle();
    else this.#timer ??= setTimeout(() => this.#settle(), settleAfterMs).unref();
  };

  readonly read = async (counters: readonly string[], nowMs: number): Promise<readonly number[]> => {
    const day = dayOf(nowMs);
    return orStoreError(
      this.#transactions.read(() =>
        counters.map(
          (each) => this.#amountOf(day, each) + (this.#corrections.get(`${day} ${each}`)?.amount ?? 0),
        ),
      ),
    );
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

  /** Writes the corrections. */
  [Symbol.dispose](): void {
    this.#settle();
  }

  #settle(): void {
    void this.#write(() => undefined).catch(() => undefined);
  }

  /** Runs `work` when the corrections are written, in the same transaction. */
  async #write<T>(work: () => T): Promise<T> {
    const corrections = [...this.#corrections.values()];
    this.#corrections = new Map();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      return await orStoreError(
        this.#transactions.write(() => {
          for (const { day, counter, amount } of corrections) this.#addTo(day, counter, amount);
          return work();
        }),
      );
    } catch (error) {
      if (corrections.length > 0) logUnsettled(this.#log, error);
      throw error;
    }
  }

  #addTo(day: number, counter: string, amount: number): void {
    this.#add.run(day, counterName(counter), amount);
    if (day <= this.#cleanedOn) return;
    this.#dropOldDays.run(day - 1);
    this.#cleanedOn = day;
  }

  #amountOf(day: number, counter: string): number {
    return Number(this.#count.get(day, counterName(counter))?.["amount"] ?? 0);
  }
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}
