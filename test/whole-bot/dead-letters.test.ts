import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import { startBot } from "../support/bot-process.ts";
import { said } from "../support/core/inbounds.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../src/storage/stores.ts";

const { signal } = new AbortController();
const ports = {
  ids,
  inbounds,
  log: new RecordingLog(),
  listeners: { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() },
};

const deadLetters = (settings: Readonly<Record<string, string>>, ...order: readonly string[]) =>
  runProgram("cli/dead-letters.ts", settings, order);

async function addTombstone(stores: Stores, reference: string): Promise<void> {
  const message = said(reference, "a secret text", { conversation: "web:ada:c1" });
  const replyTo = { platform: "web", target: { user: "ada", conversation: "c1" } };
  await stores.inbox.accept({ ...message, platform: "web", place: "ada", replyTo }, 1, signal);
  const { lease } = await stores.journal.claim("web:ada:c1", "w", signal);
  const [entry] = await stores.inbox.waiting("web:ada:c1", signal);
  const deadLetter = { reference, why: "failed 5 times" };
  await stores.journal.finish(lease, { covers: [entry?.id ?? ""], posts: [], deadLetter }, signal);
}

/** Where a bot and the program find the same stores. */
type Place = { readonly settings: Readonly<Record<string, string>>; readonly open: () => Promise<Stores> };

async function onSqlite(opened: AsyncDisposableStack): Promise<Place> {
  const { path } = opened.use(temporaryFolder());
  return { settings: { DATA_DIR: path }, open: () => openSqliteStores(path, ports) };
}

async function onRedis(opened: AsyncDisposableStack): Promise<Place> {
  const { path } = opened.use(temporaryFolder());
  const { url } = opened.use(await startRedisServer());
  return {
    settings: { DATA_DIR: path, REDIS_URL: url },
    open: () => openRedisStores(url, { ...ports, waitMs: 60_000, clock }),
  };
}

const places = [
  ["SQLite", onSqlite] as const,
  ...(redisIsMissing === undefined ? [["Redis", onRedis] as const] : []),
];

describe("dead letters", () => {
  test.each(places)(
    "are listed without texts, dropped and retried beside the running bot, on %s",
    async (_name, openPlace) => {
      await using opened = new AsyncDisposableStack();
      const { settings, open } = await openPlace(opened);
      {
        await using stores = await open();
        await addTombstone(stores, "r1");
        await addTombstone(stores, "r2");
      }
      await using bot = await startBot(settings);
      const listed = await deadLetters(settings, "list");
      expect(listed).toMatchObject({ code: 0, stderr: "" });
      const lines: readonly unknown[] = listed.stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line));
      expect(lines).toMatchObject([
        { reference: "r1", conversation: "web:ada:c1", why: "failed 5 times", entries: [{ kind: "said" }] },
        { reference: "r2" },
      ]);
      expect(listed.stdout).not.toContain("secret");
      expect(await deadLetters(settings, "drop", "r1")).toMatchObject({ code: 0 });
      expect(await deadLetters(settings, "drop", "r1")).toEqual({
        code: 1,
        stdout: "",
        stderr: "There is no dead letter r1\n",
      });
      expect(await deadLetters(settings, "retry", "r2")).toMatchObject({ code: 0 });
      await expect
        .poll(() => bot.log.some((line) => line["msg"] === "turn finished"), { timeout: 60_000 })
        .toBe(true);
      expect(await deadLetters(settings, "list")).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  test("are explained by a usage line when the command is unknown", async () => {
    using folder = temporaryFolder();
    const stderr = "Usage: npm run dead-letters -- list | retry REFERENCE | drop REFERENCE\n";
    const wrong = [[], ["retry"], ["list", "r1"], ["burn", "r1"]];
    expect(await Promise.all(wrong.map((order) => deadLetters({ DATA_DIR: folder.path }, ...order)))).toEqual(
      wrong.map(() => ({ code: 1, stdout: "", stderr })),
    );
  });

  test("cause an error instead of an empty list for a folder without data", async () => {
    using folder = temporaryFolder();
    const { code, stderr } = await deadLetters({ DATA_DIR: folder.path }, "list");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `DATA_DIR: there is no data in "${folder.path}".\n`,
    });
  });

  test("hold the folder of a stopped bot for a moment: a bot that starts then waits for it", async () => {
    using folder = temporaryFolder();
    const held = new DatabaseSync(join(folder.path, "lock.sqlite"));
    held.exec("BEGIN EXCLUSIVE");
    const opening = openSqliteStores(folder.path, ports);
    // It has looked once.
    held.close();
    await using stores = await opening;
    expect(stores.health().ok).toBe(true);
  });
});
