import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { archivedIn, filesIn, keysIn } from "../every-byte.ts";

/**
 * What the stores give out: rows after the names of their tables, keys, stored files. SQLite cleans the bytes of its files from time to time:
 * test/core/bytes-after-erasure.test.ts looks at those.
 */
export async function everythingKept(
  folders: readonly string[],
  redisUrl: string | undefined,
  postgresUrl: string | undefined,
): Promise<string> {
  const parts = folders.flatMap((folder) => [
    ...["ledger.sqlite", "threadkeeper.sqlite"].map((name) => rowsOf(join(folder, name))),
    existsSync(join(folder, "files")) ? filesIn(join(folder, "files")) : "",
  ]);
  if (redisUrl !== undefined) parts.push(await keysIn(redisUrl));
  if (postgresUrl !== undefined) parts.push(await archivedIn(postgresUrl));
  return parts.join("\n");
}

function rowsOf(file: string): string {
  if (!existsSync(file)) return "";
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")
      .all();
    return tables
      .flatMap(({ name }) =>
        database
          .prepare(`SELECT * FROM "${String(name)}"`)
          .all()
          .map((row) => [name, ...Object.values(row)].map(shown).join(" ")),
      )
      .join("\n");
  } finally {
    database.close();
  }
}

function shown(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value);
}
