import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, describe, test } from "vitest";

import { runBot, startBot, type BotProcess } from "../support/bot-process.ts";
import { smallDisks } from "../support/small-disk.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb, type WebClient } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 50 };

async function readiness({ url }: BotProcess) {
  const response = await fetch(`${url}/readyz`);
  const body: unknown = await response.json();
  return { status: response.status, body };
}

const linesOf = (bot: BotProcess, text: string) => bot.log.filter((line) => line["msg"] === text);

/** Gives whether it was stored. */
async function say(client: WebClient, conversation: string, id: string, text: string): Promise<boolean> {
  const answersTo = () => [...client.of("accepted"), ...client.of("error")].filter((each) => each.id === id);
  const before = answersTo().length;
  client.send({ type: "say", id, conversation, text });
  await expect.poll(() => answersTo().length, patiently).toBe(before + 1);
  return client.of("accepted").some((each) => each.id === id);
}

const isAnswered = (client: WebClient, id: string): boolean =>
  client.of("done").some(({ covers }) => covers.includes(id));

/** The columns that still have something of it. */
function keptIn(folder: string, text: string): readonly string[] {
  const columns = [
    ["threadkeeper.sqlite", "keyv", "value"],
    ["threadkeeper.sqlite", "inbox", "inbound"],
    ["ledger.sqlite", "message", "text"],
  ] as const;
  const keeping = columns.filter(([file, table, column]) => {
    using database = new DatabaseSync(join(folder, file), { readOnly: true });
    const found = database.prepare(`SELECT 1 FROM ${table} WHERE instr(CAST(${column} AS TEXT), ?) LIMIT 1`);
    return found.get(text) !== undefined;
  });
  return keeping.map((names) => names.join("."));
}

function reservesIn(folder: string): readonly number[] {
  const names = readdirSync(folder).filter((name) => name.endsWith("-reserve"));
  return names.map((name) => statSync(join(folder, name)).size);
}

describe.each(smallDisks())("$name under the SQLite files", ({ open, why }) => {
  test("is logged once, refuses new messages, still allows deletions, and loses nothing accepted", async () => {
    using disk = open();
    await using bot = await startBot({ DATA_DIR: disk.folder });
    await using client = await connectWeb(bot.url);
    for (const id of ["a1", "b1"]) {
      expect(await say(client, id, id, `the secret of ${id} is hunter2-${id}`)).toBe(true);
      await expect.poll(() => isAnswered(client, id), patiently).toBe(true);
    }
    // The room that is kept for deleting is there.
    await expect.poll(() => reservesIn(disk.folder), patiently).toEqual([2 ** 21, 2 ** 21]);
    disk.fill(bot.pid);
    const accepted: string[] = [];
    let refused = "";
    while (refused === "") {
      const id = `c${accepted.length}`;
      if (await say(client, "c", id, `${id} `.repeat(7_000))) accepted.push(id);
      else refused = id;
    }
    const parts = { store: { ok: false, why: expect.stringContaining(why) } };
    await expect
      .poll(() => readiness(bot), patiently)
      .toMatchObject({ status: 503, body: { ready: false, parts } });

    client.send({ type: "delete", id: "d1", conversation: "a1", message: "a1" });
    client.send({ type: "command", id: "d2", conversation: "b1", name: "forget", argument: "this yes" });
    await expect.poll(() => keptIn(disk.folder, "hunter2"), patiently).toEqual([]);
    expect((await readiness(bot)).status).toBe(503);

    disk.makeRoom(bot.pid);
    await expect.poll(async () => (await readiness(bot)).status, patiently).toBe(200);
    expect(await say(client, "c", refused, "once more")).toBe(true);
    for (const id of [...accepted, refused])
      await expect.poll(() => isAnswered(client, id), patiently).toBe(true);
    const lines = [
      "a database takes no writes; see why, and follow its advice",
      "a database takes writes again",
    ];
    for (const line of lines) {
      const files = linesOf(bot, line).map(({ database }) => database);
      expect(new Set(files).size).toBe(files.length);
      expect(files).toContain("threadkeeper.sqlite");
    }
    expect(await bot.stop()).toBe(0);
  });
});

test("a disk that accepts no writes at the start is reported, with what to do", async () => {
  using folder = temporaryFolder();
  const hook = new URL("../support/no-room-at-start.ts", import.meta.url).href;
  const { code, stderr } = await runBot({ DATA_DIR: folder.path, NODE_OPTIONS: `--import=${hook}` });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^DATA_DIR: .* See the system's log, the quotas, and ulimit -f\.\n$/u);
});
