import type { PoolConfig } from "pg";

import { connectionString } from "../../../runtime/addresses/postgres-address.ts";

const statementMs = 5_000;
const connectMs = 3_000;

/** Settings for the pool and for single connections. `address`: of one server. */
export function connectionOf(address: string): PoolConfig {
  return {
    connectionString: connectionString(address),
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs,
    statement_timeout: statementMs,
    keepAlive: true,
    application_name: "threadkeeper",
  };
}
