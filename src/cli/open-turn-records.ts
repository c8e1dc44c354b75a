import type { Config } from "../config/config.ts";
import type { TurnRecords } from "../ports/turn-records.ts";
import { systemClock as clock } from "../runtime/clock.ts";
import { openLog } from "../runtime/logging/log.ts";

/** The most that is printed at once. */
const maxCount = 1_000;

interface Opened extends AsyncDisposable {
  readonly records: TurnRecords;
}

/** The archive of the settings, open for reading beside the bot. @throws {DataFolderError} if there is none. */
export async function openTurnRecords({
  DATABASE_URL,
  DATA_DIR,
}: Pick<Config, "DATABASE_URL" | "DATA_DIR">): Promise<Opened> {
  const opened = new AsyncDisposableStack();
  const close = (): Promise<void> => opened.disposeAsync();
  if (DATABASE_URL === undefined) {
    const { openSqliteTurnRecords } = await import("../storage/sqlite/sqlite-turn-records.ts");
    return { records: opened.use(openSqliteTurnRecords(DATA_DIR)), [Symbol.asyncDispose]: close };
  }
  const { openPostgresTurnRecords } = await import("../storage/postgres/postgres-turn-records.ts");
  // Standard output belongs to the answer.
  const records = opened.use(openPostgresTurnRecords(DATABASE_URL, { clock, log: openLog("fatal") }));
  return { records, [Symbol.asyncDispose]: close };
}

/** How many to print. Undefined: not a number from 1 to 1000. */
export function readCount(given: string): number | undefined {
  const count = /^[1-9]\d{0,3}$/u.test(given) ? Number(given) : Infinity;
  return count > maxCount ? undefined : count;
}
