import { Pool, type PoolClient } from "pg";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { Health } from "../../../ports/component.ts";
import { withDeadline } from "../../../runtime/deadline.ts";
import { connectionOf } from "./connection-of.ts";
import type { Primary } from "./primary.ts";
import {
  lockoutReason,
  noWritesReason,
  readOnlyReason,
  tableFaultReason,
  refusalCode,
  withoutValues,
} from "./refusals.ts";
import { storable } from "./storable.ts";
import { tryToWrite } from "./try-to-write.ts";
import type { Row, Query } from "./query.ts";

/** For everything that one call does. */
const callMs = 8_000;
const closeMs = 2_000;
const lookEveryMs = 1_000;
const maxConnections = 10;
const lookWhenIdleMs = 15_000;
const away = "Postgres can't be reached";
/** Not available, and a deadlock. */
const lockedCodes = ["55P03", "40P01"];

/** A few connections to Postgres, each call with a deadline. */
export class Postgres implements AsyncDisposable {
  readonly #primary: Primary;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #closing = new AbortController();
  #pool: Pool;
  /** Where its connections lead. */
  #address: string;
  #isAway = false;
  #awayWhy = away;
  /** The operator knows that it is away. */
  #isTold = false;
  /** Why the last call that needs tables was refused. Empty: it was not. */
  #refused = "";
  /** Why it takes no writes. Empty: it does. */
  #noWrites = "";
  readonly #looking: NodeJS.Timeout;

  constructor(primary: Primary, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#primary = primary;
    this.#clock = clock;
    this.#log = log;
    this.#address = primary.address;
    this.#pool = this.#connectAnew();
    this.#looking = setInterval(() => void this.#look(), lookWhenIdleMs).unref();
    void this.#look();
  }

  health(): Health {
    if (this.#isAway) return { ok: false, why: this.#awayWhy };
    const why = this.#noWrites || this.#refused;
    return why === "" ? { ok: true, why } : { ok: false, why, needsOperator: true };
  }

  /** @throws {ArchiveError}, or the signal's reason. */
  async query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> {
    const rows = await this.#ask(sql, values, signal);
    this.#refused = "";
    return rows;
  }

  /** All or nothing. `notices` gets what Postgres remarks in detail. @throws {ArchiveError}, or the signal's reason; then it may have been done after all. */
  async transaction<T>(
    work: (query: Query, notices: readonly string[]) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#within(signal, async (within) => {
      const client = await this.#pool.connect();
      const notices: string[] = [];
      const hear = ({ detail }: { readonly detail?: string | undefined }): void =>
        void (detail === undefined ? 0 : notices.push(detail));
      client.on("notice", hear);
      try {
        const result = await inTransaction(client, (query) => work(query, notices), within);
        client.off("notice", hear);
        client.release();
        this.#refused = "";
        return result;
      } catch (error) {
        // Nobody knows what state it is in.
        client.release(true);
        throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#looking);
    // One that does not answer does not say goodbye either.
    await withDeadline(() => this.#pool.end(), closeMs, new AbortController().signal).catch(() => undefined);
  }

  #connectAnew(): Pool {
    const pool = new Pool({ ...connectionOf(this.#address), max: maxConnections });
    // What breaks in the midst of a transaction is told to its connection alone, and would end the process there.
    pool.on("connect", (client) => void client.on("error", () => undefined));
    pool.on("error", () => this.#lookForIt());
    return pool;
  }

  async #ask(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> {
    return this.#within(signal, async () => rowsOf(await this.#pool.query(sql, values.map(storable))));
  }

  #renewPool(): void {
    const old = this.#pool;
    this.#pool = this.#connectAnew();
    void old.end().catch(() => undefined);
  }

  /** After a failover another server is the primary: then all connections are made again. */
  async #isElsewhere(): Promise<boolean> {
    const isFound = await this.#primary.find().catch(() => false);
    const { address, host } = this.#primary;
    // Two may look at the same time.
    if (!isFound || address === this.#address) return false;
    this.#address = address;
    this.#renewPool();
    this.#log.info({ host }, "the archive is on another of its servers now");
    return true;
  }

  async #within<T>(signal: AbortSignal, work: (within: AbortSignal) => Promise<T>): Promise<T> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
    try {
      const result = await withDeadline(() => work(within), callMs, within);
      this.#isBack();
      return result;
    } catch (cause) {
      signal.throwIfAborted();
      const noWrites = noWritesReason(cause);
      if (noWrites !== undefined) {
        this.#isBack();
        this.#waitForWrites(noWrites);
        throw new ArchiveError(noWrites, { cause: withoutValues(cause) });
      }
      const refusal = refusalCode(cause);
      const lockout = lockoutReason(cause);
      this.#refused = tableFaultReason(cause) ?? this.#refused;
      if (refusal === undefined || lockout !== undefined) this.#lookForIt(lockout);
      const why = refusal === undefined ? "can't be reached" : `refuses (${refusal})`;
      throw new ArchiveError(`Postgres ${why}`, { cause: withoutValues(cause) });
    }
  }

  /** Said once when it begins, and once when it is over. */
  #waitForWrites(why: string): void {
    if (this.#noWrites !== "" || this.#closing.signal.aborted) return;
    this.#noWrites = why;
    this.#log.error({ why }, "Postgres takes no writes; the archive catches up when it does");
    void this.#untilWritable(this.#closing.signal).catch(() => undefined);
  }

  /** Connections keep what they began with, and the server that they lead to: each look needs a new one. */
  async #untilWritable(signal: AbortSignal): Promise<void> {
    while (this.#noWrites !== "") {
      await this.#clock.sleep(lookEveryMs, signal);
      if (!(await this.#isElsewhere())) this.#renewPool();
      if (await this.#takesWrites(signal)) this.#noWrites = "";
    }
    this.#log.info({}, "Postgres takes writes again");
  }

  async #takesWrites(signal: AbortSignal): Promise<boolean> {
    try {
      await this.transaction(tryToWrite, signal);
      return true;
    } catch (error) {
      // Who may make no tables learns from the next write whether it is over.
      const isForbidden = error instanceof ArchiveError && error.message.endsWith("refuses (42501)");
      if (isForbidden) this.#refused = "";
      return isForbidden;
    }
  }

  async #look(): Promise<void> {
    const asked = this.#ask("SHOW transaction_read_only", [], this.#closing.signal);
    const [row] = await asked.catch(() => []);
    // It need not be asked to write anything before the operator hears of it.
    if (row?.["transaction_read_only"] === "on") this.#waitForWrites(readOnlyReason);
  }

  /** Nobody may ask for anything until it is there again: somebody has to notice. */
  #lookForIt(why = away): void {
    this.#awayWhy = why;
    if (this.#isAway || this.#closing.signal.aborted) return;
    this.#isAway = true;
    void this.#untilThere(this.#closing.signal).catch(() => undefined);
  }

  async #untilThere(signal: AbortSignal): Promise<void> {
    while (this.#isAway) {
      await this.#clock.sleep(lookEveryMs, signal);
      await this.#isElsewhere();
      await this.#look();
      // One call that took too long is no news.
      if (this.#isAway && !this.#isTold && !signal.aborted) {
        this.#isTold = true;
        this.#log.error(
          { why: this.#awayWhy },
          "Postgres can't be used; the archive catches up when it is back",
        );
      }
    }
  }

  #isBack(): void {
    this.#isAway = false;
    if (this.#isTold) this.#log.info({}, "Postgres is back");
    this.#isTold = false;
  }
}

/** Whether something else held what a statement needed, for longer than it could wait. */
export function isLockedOut(error: unknown): boolean {
  return error instanceof ArchiveError && lockedCodes.some((code) => error.message.includes(code));
}

async function inTransaction<T>(
  client: PoolClient,
  work: (query: Query) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const query: Query = async (sql, values = []) => {
    signal.throwIfAborted();
    return rowsOf(await client.query(sql, values.map(storable)));
  };
  await query("BEGIN");
  const result = await work(query);
  await query("COMMIT");
  return result;
}

function rowsOf({ rows }: { readonly rows: readonly Row[] }): readonly Row[] {
  return rows;
}
