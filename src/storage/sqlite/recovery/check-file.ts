// Reads a whole database file, in a process of its own with low priority. Prints what is wrong with it, or nothing. Each
// table is one read, so that checkpoints are held up for as short as can be.
import { setPriority } from "node:os";
import { DatabaseSync } from "node:sqlite";

import { busyMs } from "../connection/connection-settings.ts";
import { isDamage } from "../disk/damage.ts";

const lowest = 19;

setPriority(lowest);
process.stdout.write(faultIn(process.argv[2] ?? "") ?? "");

function faultIn(file: string): string | undefined {
  try {
    using database = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0");
    for (const { name } of tables.all()) {
      const check = `PRAGMA quick_check('${String(name).replaceAll("'", "''")}')`;
      const [line] = Object.values(database.prepare(check).get() ?? {});
      if (line !== "ok") return "quick_check found damage";
    }
    return undefined;
  } catch (error) {
    if (isDamage(error)) return error.message;
    throw error;
  }
}
