import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

/** Of the files in a folder and below it. */
function modesIn(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(files.map(({ parentPath, name }) => [name, modeOf(join(parentPath, name))]));
}

test("files and folders are created for their owner only, even in a folder that is open to all", async () => {
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o777);
  const dataDir = join(folder.path, "a", "data");
  // The bot starts in its folder: this is its parent here.
  const settings = { DATA_DIR: dataDir };
  mkdirSync(join(folder.path, "a"), { mode: 0o777 });
  mkdirSync(dataDir, { mode: 0o755 });
  // What an earlier version left, and something that is not a database any more.
  writeFileSync(join(dataDir, "lock.sqlite"), "", { mode: 0o644 });
  writeFileSync(join(dataDir, "threadkeeper.sqlite"), "no database", { mode: 0o644 });
  await using bot = await startBot(settings);
  await using client = await connectWeb(bot.url);
  client.send({ type: "say", id: "1", conversation: "c1", text: "hello" });
  await client.until("done");
  const modes = modesIn(dataDir);
  expect(Object.keys(modes)).toEqual(
    expect.arrayContaining([
      "index.sqlite",
      "ledger.sqlite",
      "ledger.sqlite-wal",
      "lock.sqlite",
      "threadkeeper.sqlite",
      "threadkeeper.sqlite-shm",
      "threadkeeper.sqlite-wal",
      "web-cookie.key",
      expect.stringContaining("broken"),
    ]),
  );
  expect(new Set(Object.values(modes))).toEqual(new Set(["600"]));
  expect(modeOf(join(dataDir, "files"))).toBe("700");
});

test("a missing data folder is created for its owner only", async () => {
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o777);
  const cwd = folder.path;
  await using bot = await startBot({ DATA_DIR: join(cwd, "made", "data") }, cwd);
  expect(bot.url).not.toBe("");
  expect([modeOf(join(cwd, "made")), modeOf(join(cwd, "made", "data"))]).toEqual(["700", "700"]);
});
