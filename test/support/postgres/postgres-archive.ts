import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { makePostgresDatabase } from "../postgres-database.ts";

/** An archive in a Postgres database of its own, which goes with it. */
export async function openOwnPostgresArchive() {
  const opened = new AsyncDisposableStack();
  const database = opened.use(await makePostgresDatabase());
  const ports = { waitMs: 60_000, clock: systemClock, log: new RecordingLog() };
  const archive = opened.use(await openPostgresArchive(database.url, ports));
  return { archive, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
