import { randomBytes } from "node:crypto";

import { schema } from "./migrate.ts";
import type { Query } from "./query.ts";

/** On a disk with less room than this it would soon be over again. */
const mebibytes = 4;

/** Takes room on the disk of Postgres, and gives it back. Throws what Postgres says where there is none. */
export async function tryToWrite(query: Query): Promise<void> {
  const table = `${schema}.room_${randomBytes(6).toString("hex")}`;
  await query(`CREATE UNLOGGED TABLE ${table} (bytes bytea)`);
  await query(`ALTER TABLE ${table} ALTER bytes SET STORAGE EXTERNAL`);
  await query(
    `INSERT INTO ${table} SELECT decode(repeat('ab', 1048576), 'hex') FROM generate_series(1, $1)`,
    [mebibytes],
  );
  await query(`DROP TABLE ${table}`);
}
