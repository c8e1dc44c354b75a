import { describe, expect, test } from "vitest";

import type { Feedback } from "../../src/domain/feedback.ts";
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
const prompt = { from: 1, to: 9, messages: 8, revision: 4 };
const records = Array.from({ length: 30 }, (_, at): TurnRecord => ({
  ...location,
  id: `turn${at}`,
  author: "ada",
  purpose: "answer",
  trigger: `q${at}`,
  covers: [],
  replyId: `a${at}`,
  ordinal: at,
  revision: at,
  settingsVersion: "v",
  attempt: 0,
  finishedAtMs: at,
  outcome: "answered",
  work: { model: "gpt", calls: 1, prompt, startedAtMs: 1, endedAtMs: 2 },
  steps: [],
}));
const given = records.map(({ id: turn }, at): Feedback => ({
  turn,
  author: "bob",
  ...(at === 29 ? { verdict: "down", reason: "too long\nand wrong" } : { verdict: "up" }),
  atMs: 1_000 * at,
  revision: at,
}));

async function feedback(settings: Readonly<Record<string, string>>, ...order: readonly string[]) {
  const { code, stdout, stderr } = await runProgram("cli/feedback.ts", settings, order);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { code, lines: lines.map((line) => Object(JSON.parse(line))), stderr };
}

async function fill(archive: Archive): Promise<void> {
  await archive.sync({ ...location, erasures: [], messages: [], records, feedback: given }, signal);
}

const printedFrom = (settings: Readonly<Record<string, string>>) =>
  Promise.all([
    feedback(settings),
    feedback(settings, "2"),
    feedback(settings, "web:ada:c1", "1000"),
    feedback(settings, "web:bob:c1"),
  ]);

const context = { purpose: "answer", outcome: "answered", model: "gpt", prompt, settingsVersion: "v" };
const newest = given
  .toReversed()
  .map(({ turn, verdict, reason, author, atMs }) =>
    Object.assign(
      { at: new Date(atMs).toISOString(), verdict, author, conversation: "web:ada:c1", turn },
      { reply: turn.replace("turn", "a") },
      context,
      reason === undefined ? {} : { reason },
    ),
  );
const printed = [
  { code: 0, lines: newest.slice(0, 20), stderr: "" },
  { code: 0, lines: newest.slice(0, 2), stderr: "" },
  { code: 0, lines: newest, stderr: "" },
  { code: 1, lines: [], stderr: "There is no feedback on web:bob:c1\n" },
];

describe("the feedback on answers", () => {
  test("is printed from the archive in the data folder, while it is open", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    await fill(archive);
    expect(await printedFrom({ DATA_DIR: folder.path })).toEqual(printed);
  });

  test.skipIf(postgresIsMissing)("is printed from Postgres", async () => {
    using folder = temporaryFolder();
    await using database = await makePostgresDatabase();
    await using archive = await openPostgresArchive(database.url, { waitMs: 20_000, clock, log });
    await fill(archive);
    const settings = { DATA_DIR: folder.path, DATABASE_URL: database.url };
    expect(await printedFrom(settings)).toEqual(printed);
  });

  test("is explained by a usage line when the arguments are invalid, and needs an archive", async () => {
    using folder = temporaryFolder();
    const usage = "Usage: npm run feedback -- [CONVERSATION] [COUNT up to 1000]\n";
    const wrong = [["turn1"], ["0"], ["web:a:b", "1001"], ["5", "web:a:b"], ["web:a:b", "1", "2"]];
    const orders = [...wrong, ["web:a:b"]];
    const missing = `DATA_DIR: there is no archive in "${folder.path}".\n`;
    expect(await Promise.all(orders.map((order) => feedback({ DATA_DIR: folder.path }, ...order)))).toEqual(
      [...wrong.map(() => usage), missing].map((stderr) => ({ code: 1, lines: [], stderr })),
    );
  });
});
