import { randomBytes } from "node:crypto";

import { schema } from "./migrate.ts";
import type { Query } from "./query.ts";

/** With less free room, the disk would be full again soon. */
const probeMebibytes = 4;

/** Takes up disk space on the server and frees it. Throws Postgres' error if it can't. */
export async function tryToWrite(query: Query): Promise<void> {
  const table = `${schema}.room_${randomBytes(6).toString("hex")}`;
  await query(`CREATE UNLOGGED TABLE ${table} (bytes bytea)`);
  await query(`ALTER TABLE ${table} ALTER bytes SET STORAGE EXTERNAL`);
  await query(
    `INSERT INTO ${table} SELECT decode(repeat('ab', 1048576), 'hex') FROM generate_series(1, $1)`,
    [probeMebibytes],
  );
  await query(`DROP TABLE ${table}`);
}
