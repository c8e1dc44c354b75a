import { Pool, type PoolClient, type PoolConfig } from "pg";

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { LedgerError } from "../../ports/ledger.ts";
import type { Health } from "../../ports/part.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { storable } from "./storable.ts";

const statementMs = 5_000;
const connectMs = 3_000;
/** For everything that one call does. */
const callMs = 8_000;
const closeMs = 2_000;
const lookEveryMs = 1_000;
const mostConnections = 10;
const readOnlyCode = "25006";
const readOnly = "Postgres is read-only: is it a replica now, or is default_transaction_read_only set?";

export type Row = Readonly<Record<string, unknown>>;

/** Sends one statement. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** How to connect, for the pool and for single connections. */
export function connectionOf(url: string): PoolConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs,
    statement_timeout: statementMs,
    keepAlive: true,
    application_name: "threadkeeper",
  };
}

/** A few connections to Postgres, each call with a deadline. */
export class Postgres implements AsyncDisposable {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #closing = new AbortController();
  #pool: Pool;
  #isAway = false;
  #isReadOnly = false;

  constructor(url: string, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#url = url;
    this.#clock = clock;
    this.#log = log;
    this.#pool = this.#connectAnew();
  }

  health(): Health {
    if (this.#isAway) return { ok: false, why: "Postgres can't be reached" };
    return this.#isReadOnly ? { ok: false, why: readOnly, needsOperator: true } : { ok: true, why: "" };
  }

  /** @throws {LedgerError}, or the signal's reason. */
  async query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> {
    return this.#within(signal, async () => rowsOf(await this.#pool.query(sql, values.map(storable))));
  }

  /** All or nothing. @throws {LedgerError}, or the signal's reason; then it may have been done after all. */
  async transaction<T>(work: (query: Query) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#within(signal, async (within) => {
      const client = await this.#pool.connect();
      try {
        const result = await inTransaction(client, work, within);
        client.release();
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
    // One that does not answer does not say goodbye either.
    await withDeadline(() => this.#pool.end(), closeMs, new AbortController().signal).catch(() => undefined);
  }

  #connectAnew(): Pool {
    const pool = new Pool({ ...connectionOf(this.#url), max: mostConnections });
    // What breaks in the midst of a transaction is told to its connection alone, and would end the process there.
    pool.on("connect", (client) => void client.on("error", () => undefined));
    pool.on("error", () => this.#lookForIt());
    return pool;
  }

  async #within<T>(signal: AbortSignal, work: (within: AbortSignal) => Promise<T>): Promise<T> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
    try {
      const result = await withDeadline(() => work(within), callMs, within);
      this.#isAway = false;
      return result;
    } catch (cause) {
      signal.throwIfAborted();
      const refusal = refusalIn(cause);
      if (refusal === undefined) this.#lookForIt();
      if (refusal === readOnlyCode) this.#waitForWrites();
      const why =
        refusal === undefined
          ? "can't be reached"
          : refusal === readOnlyCode
            ? "is read-only"
            : `refuses (${refusal})`;
      throw new LedgerError(`Postgres ${why}`, { cause: withoutValues(cause) });
    }
  }

  /** Said once when it begins, and once when it is over. */
  #waitForWrites(): void {
    if (this.#isReadOnly || this.#closing.signal.aborted) return;
    this.#isReadOnly = true;
    this.#log.error({ why: readOnly }, "Postgres takes no writes; the archive catches up when it does");
    void this.#untilWritable(this.#closing.signal).catch(() => undefined);
  }

  /** Connections keep what they began with, and the server that they lead to: each look needs a new one. */
  async #untilWritable(signal: AbortSignal): Promise<void> {
    while (this.#isReadOnly) {
      await this.#clock.sleep(lookEveryMs, signal);
      const old = this.#pool;
      this.#pool = this.#connectAnew();
      void old.end().catch(() => undefined);
      const rows = await this.query("SHOW transaction_read_only", [], signal).catch(() => []);
      this.#isReadOnly = rows[0]?.["transaction_read_only"] !== "off";
    }
    this.#log.info({}, "Postgres takes writes again");
  }

  /** Nobody may ask for anything until it is there again: somebody has to notice. */
  #lookForIt(): void {
    if (this.#isAway || this.#closing.signal.aborted) return;
    this.#isAway = true;
    void this.#untilThere(this.#closing.signal).catch(() => undefined);
  }

  async #untilThere(signal: AbortSignal): Promise<void> {
    while (this.#isAway) {
      await this.#clock.sleep(lookEveryMs, signal);
      await this.query("SELECT 1", [], signal).catch(() => undefined);
    }
  }
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

/** Undefined where nothing was refused: no connection, too many, going down, too slow. */
function refusalIn(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return /^[0-9A-Z]{5}$/u.test(code) && !/^(?:08|53|57|58)/u.test(code) ? code : undefined;
}

/** Postgres quotes values in some of its errors, and they are what people wrote. */
function withoutValues(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  const code = codeOf(cause);
  return new Error(code === "" ? cause.name : `${cause.name} (${code})`);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
