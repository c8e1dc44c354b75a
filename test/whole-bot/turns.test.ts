import { describe, expect, test } from "vitest";

import type { TurnRecord } from "../../src/domain/turn-record.ts";
import type { Archive } from "../../src/ports/archive.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../src/storage/postgres/open-postgres-archive.ts";
import { openSqliteArchive } from "../../src/storage/sqlite/sqlite-archive.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { makePostgresDatabase, postgresIsMissing } from "../support/postgres-database.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { signal } = new AbortController();
const log = new RecordingLog();
const location = { conversation: "web:ada:c1", platform: "web", place: "ada" } as const;
const records = Array.from({ length: 30 }, (_, at): TurnRecord => ({
  ...location,
  id: `turn${at}`,
  author: "ada",
  purpose: "answer",
  covers: [],
  ordinal: at,
  revision: at,
  settingsVersion: "v",
  attempt: 0,
  finishedAtMs: at,
  outcome: "answered",
  steps: [],
}));

async function turns(settings: Readonly<Record<string, string>>, ...order: readonly string[]) {
  const { code, stdout, stderr } = await runProgram("cli/turns.ts", settings, order);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { code, ids: lines.map((line) => String(Object(JSON.parse(line))["id"])), stderr };
}

async function fill(archive: Archive): Promise<void> {
  await archive.sync({ ...location, erasures: [], messages: [], records }, signal);
}

const printedFrom = (settings: Readonly<Record<string, string>>) =>
  Promise.all([
    turns(settings, "web:ada:c1"),
    turns(settings, "web:ada:c1", "2"),
    turns(settings, "turn7"),
    turns(settings, "web:bob:c1"),
  ]);

const newest = records.toReversed().map(({ id }) => id);
const printed = [
  { code: 0, ids: newest.slice(0, 20), stderr: "" },
  { code: 0, ids: newest.slice(0, 2), stderr: "" },
  { code: 0, ids: ["turn7"], stderr: "" },
  { code: 1, ids: [], stderr: "There are no turns of web:bob:c1\n" },
];

describe("the turns of a conversation", () => {
  test("are printed from the archive in the data folder, while it is open", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    await fill(archive);
    expect(await printedFrom({ DATA_DIR: folder.path })).toEqual(printed);
  });

  test.skipIf(postgresIsMissing)("are printed from Postgres", async () => {
    using folder = temporaryFolder();
    await using database = await makePostgresDatabase();
    await using archive = await openPostgresArchive(database.url, { waitMs: 20_000, clock, log });
    await fill(archive);
    const settings = { DATA_DIR: folder.path, DATABASE_URL: database.url };
    expect(await printedFrom(settings)).toEqual(printed);
  });

  test("are explained by a usage line when the arguments are invalid", async () => {
    using folder = temporaryFolder();
    const stderr = "Usage: npm run turns -- CONVERSATION [COUNT up to 1000] | TURN\n";
    const wrong = [[], ["web:a:b", "0"], ["web:a:b", "1001"], ["web:a:b", "-1"], ["web:a:b", "1", "2"]];
    expect(await Promise.all(wrong.map((order) => turns({ DATA_DIR: folder.path }, ...order)))).toEqual(
      wrong.map(() => ({ code: 1, ids: [], stderr })),
    );
  });

  test("cause an error instead of an empty list for a folder without an archive", async () => {
    using folder = temporaryFolder();
    const stderr = `DATA_DIR: there is no archive in "${folder.path}".\n`;
    expect(await turns({ DATA_DIR: folder.path }, "web:a:b")).toEqual({ code: 1, ids: [], stderr });
  });
});
