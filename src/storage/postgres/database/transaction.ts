import type { PoolClient } from "pg";

import { storable } from "./storable.ts";
import type { Row, Query } from "./query.ts";

/** Commits the work's statements together. @throws what the work throws; the connection is then in an unknown state. */
export async function inTransaction<T>(
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

/** The rows of a result of pg. */
export function rowsOf({ rows }: { readonly rows: readonly Row[] }): readonly Row[] {
  return rows;
}
