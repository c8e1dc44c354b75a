import { Pool } from "pg";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { Health } from "../../../ports/component.ts";
import { withDeadline } from "../../../async/deadline.ts";
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
import { inTransaction, rowsOf } from "./transaction.ts";
import { tryToWrite } from "./try-to-write.ts";
import type { Row, Query } from "./query.ts";

/** The deadline of one call with all its statements. */
const callMs = 8_000;
const closeMs = 2_000;
const retryMs = 1_000;
const maxConnections = 10;
const idleCheckMs = 15_000;
const unreachable = "Postgres can't be reached";

/** A pool of connections to the primary. Each call has a deadline. */
export class Postgres implements AsyncDisposable {
  readonly #primary: Primary;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #closing = new AbortController();
  #pool: Pool;
  /** The server of the pool's connections. */
  #address: string;
  #isUnreachable = false;
  #outageReason = unreachable;
  /** Whether the outage is logged. */
  #isLogged = false;
  /** Why the last call on our tables was refused. Empty if it was not. */
  #tableFault = "";
  /** Why the server accepts no writes. Empty if it does. */
  #noWrites = "";
  readonly #checking: NodeJS.Timeout;

  constructor(primary: Primary, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#primary = primary;
    this.#clock = clock;
    this.#log = log;
    this.#address = primary.address;
    this.#pool = this.#openPool();
    this.#checking = setInterval(() => void this.#check(), idleCheckMs).unref();
    void this.#check();
  }

  health(): Health {
    if (this.#isUnreachable) return { ok: false, why: this.#outageReason };
    const why = this.#noWrites || this.#tableFault;
    return why === "" ? { ok: true, why } : { ok: false, why, needsOperator: true };
  }

  /** @throws {ArchiveError}, or the signal's reason. */
  async query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> {
    const rows = await this.#send(sql, values, signal);
    this.#tableFault = "";
    return rows;
  }

  /**
   * All or nothing. `notices` collects the details of Postgres' notices. @throws {ArchiveError}, or the signal's
   * reason; the transaction may be committed nevertheless.
   */
  async transaction<T>(
    work: (query: Query, notices: readonly string[]) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#runWithDeadline(signal, async (deadline) => {
      const client = await this.#pool.connect();
      const notices: string[] = [];
      const onNotice = ({ detail }: { readonly detail?: string | undefined }): void =>
        void (detail === undefined ? 0 : notices.push(detail));
      client.on("notice", onNotice);
      try {
        const result = await inTransaction(client, (query) => work(query, notices), deadline);
        client.off("notice", onNotice);
        client.release();
        this.#tableFault = "";
        return result;
      } catch (error) {
        // The connection's state is unknown.
        client.release(true);
        throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#checking);
    // A server that doesn't answer doesn't confirm the end either.
    await withDeadline(() => this.#pool.end(), closeMs, new AbortController().signal).catch(() => undefined);
  }

  #openPool(): Pool {
    const pool = new Pool({ ...connectionOf(this.#address), max: maxConnections });
    // A fault deadline a transaction is emitted on its connection only. Without a listener it would end the process.
    pool.on("connect", (client) => void client.on("error", () => undefined));
    pool.on("error", () => this.#startReconnecting());
    return pool;
  }

  async #send(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> {
    return this.#runWithDeadline(signal, async () =>
      rowsOf(await this.#pool.query(sql, values.map(storable))),
    );
  }

  #renewPool(): void {
    const old = this.#pool;
    this.#pool = this.#openPool();
    void old.end().catch(() => undefined);
  }

  /** Finds the new primary after a failover and renews all connections. Returns whether it moved. */
  async #followFailover(): Promise<boolean> {
    const isFound = await this.#primary.find().catch(() => false);
    const { address, host } = this.#primary;
    // Two calls may check at the same time.
    if (!isFound || address === this.#address) return false;
    this.#address = address;
    this.#renewPool();
    this.#log.info({ host }, "the archive has moved to another of its servers");
    return true;
  }

  async #runWithDeadline<T>(signal: AbortSignal, work: (deadline: AbortSignal) => Promise<T>): Promise<T> {
    try {
      const result = await withDeadline(work, callMs, signal);
      this.#markReachable();
      return result;
    } catch (cause) {
      signal.throwIfAborted();
      const noWrites = noWritesReason(cause);
      if (noWrites !== undefined) {
        this.#markReachable();
        this.#waitForWrites(noWrites);
        throw new ArchiveError(noWrites, { cause: withoutValues(cause) });
      }
      const refusal = refusalCode(cause);
      const lockout = lockoutReason(cause);
      this.#tableFault = tableFaultReason(cause) ?? this.#tableFault;
      if (refusal === undefined || lockout !== undefined) this.#startReconnecting(lockout);
      const why = refusal === undefined ? "can't be reached" : `refuses (${refusal})`;
      throw new ArchiveError(`Postgres ${why}`, { cause: withoutValues(cause) });
    }
  }

  /** Logs when it begins and when it ends. */
  #waitForWrites(why: string): void {
    if (this.#noWrites !== "" || this.#closing.signal.aborted) return;
    this.#noWrites = why;
    this.#log.error({ why }, "Postgres takes no writes; the archive catches up when it does");
    void this.#untilWritable(this.#closing.signal).catch(() => undefined);
  }

  /** Connections keep their session settings and their server, so each check needs a new one. */
  async #untilWritable(signal: AbortSignal): Promise<void> {
    while (this.#noWrites !== "") {
      await this.#clock.sleep(retryMs, signal);
      if (!(await this.#followFailover())) this.#renewPool();
      if (await this.#acceptsWrites(signal)) this.#noWrites = "";
    }
    this.#log.info({}, "Postgres takes writes again");
  }

  async #acceptsWrites(signal: AbortSignal): Promise<boolean> {
    try {
      await this.transaction(tryToWrite, signal);
      return true;
    } catch (error) {
      // A user who may not create tables learns with the next write whether it works.
      const isForbidden = error instanceof ArchiveError && error.message.endsWith("refuses (42501)");
      if (isForbidden) this.#tableFault = "";
      return isForbidden;
    }
  }

  async #check(): Promise<void> {
    const asked = this.#send("SHOW transaction_read_only", [], this.#closing.signal);
    const [row] = await asked.catch(() => []);
    // So the operator learns of it before the first write.
    if (row?.["transaction_read_only"] === "on") this.#waitForWrites(readOnlyReason);
  }

  /** Checks until the server is back, because no call may come until then. */
  #startReconnecting(why = unreachable): void {
    this.#outageReason = why;
    if (this.#isUnreachable || this.#closing.signal.aborted) return;
    this.#isUnreachable = true;
    void this.#reconnect(this.#closing.signal).catch(() => undefined);
  }

  async #reconnect(signal: AbortSignal): Promise<void> {
    while (this.#isUnreachable) {
      await this.#clock.sleep(retryMs, signal);
      await this.#followFailover();
      await this.#check();
      // A single slow call is not worth a log line.
      if (this.#isUnreachable && !this.#isLogged && !signal.aborted) {
        this.#isLogged = true;
        this.#log.error(
          { why: this.#outageReason },
          "Postgres can't be used; the archive catches up when it is back",
        );
      }
    }
  }

  #markReachable(): void {
    this.#isUnreachable = false;
    if (this.#isLogged) this.#log.info({}, "Postgres is back");
    this.#isLogged = false;
  }
}
