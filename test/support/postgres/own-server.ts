import { afterAll, beforeAll } from "vitest";

import { makeDatabasesOn } from "../postgres-database.ts";
import { postgresServerIsMissing, startPostgresServer, type PostgresServer } from "./postgres-server.ts";

/**
 * Has all databases of a test file made on a server of its own, where one can be started. It never waits for the disk:
 * databases come and go ten times as fast there, which counts where each test has one.
 */
export function makeDatabasesOnOwnServer(): void {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    if (postgresServerIsMissing !== undefined) return;
    server = await startPostgresServer();
    makeDatabasesOn(server.url);
  });
  afterAll(async () => {
    makeDatabasesOn(undefined);
    await server?.[Symbol.asyncDispose]();
  });
}
