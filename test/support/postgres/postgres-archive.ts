import { afterAll, beforeAll } from "vitest";

import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { makePostgresDatabase, postgresIsMissing, type PostgresDatabase } from "../postgres-database.ts";
import { makeDatabasesOnOwnServer } from "./own-server.ts";

type Ports = Parameters<typeof openPostgresArchive>[1];
const ports = (): Ports => ({ waitMs: 60_000, clock, log: new RecordingLog() });

/**
 * For a test file with many archives in Postgres: returns a function that opens one in a database of its own, which goes
 * with it. Each is a copy of an empty archive, because creating its tables takes longer than most tests.
 */
export function postgresArchives() {
  makeDatabasesOnOwnServer();
  let empty: PostgresDatabase | undefined;
  beforeAll(async () => {
    if (postgresIsMissing !== undefined) return;
    empty = await makePostgresDatabase();
    const archive = await openPostgresArchive(empty.url, ports());
    await archive[Symbol.asyncDispose]();
  });
  afterAll(() => empty?.[Symbol.asyncDispose]());
  return async (more: Partial<Ports> = {}) => {
    const opened = new AsyncDisposableStack();
    const template = new URL(empty?.url ?? "").pathname.slice(1);
    const { url } = opened.use(await makePostgresDatabase(`TEMPLATE ${template}`));
    const archive = opened.use(await openPostgresArchive(url, { ...ports(), ...more }));
    return { url, archive, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  };
}
