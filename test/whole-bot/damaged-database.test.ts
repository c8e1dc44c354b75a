import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { bigFolder, damagePage } from "../support/sqlite/big-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a bot with a big damaged database starts, detects the damage, and continues with the readable part", async () => {
  using folder = await bigFolder();
  const file = join(folder.path, "threadkeeper.sqlite");
  damagePage(file);
  await using bot = await startBot({ DATA_DIR: folder.path, PORT: "0" });
  const messages = (): readonly unknown[] => bot.log.map((line) => line["msg"]);
  await expect.poll(() => messages().filter((each) => each === "ready"), patiently).toHaveLength(2);
  expect(messages()).toContainEqual(
    expect.stringMatching(/^a database is damaged: the program starts again/u),
  );
  expect(messages()).toContainEqual(expect.stringMatching(/^a damaged database was set aside/u));
  expect(existsSync(`${file}.damaged`)).toBe(false);
  const url = bot.log.findLast((line) => line["msg"] === "ready")?.["url"];
  expect((await fetch(`${String(url)}/readyz`)).status).toBe(200);
  expect(await bot.stop()).toBe(0);
});
