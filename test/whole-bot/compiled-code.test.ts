import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Node tells what it does with its cache. */
const traced = { NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
const unusable = "/dev/null/cache";

test("a bot keeps its compiled code when it is ready, that of its threads when it stops, and the next one starts from it", async () => {
  using folder = temporaryFolder();
  const cache = join(folder.path, "cache");
  const settings = { DATA_DIR: folder.path, NODE_COMPILE_CACHE: cache };
  await using first = await startBot(settings);
  // Whatever ends it from now on.
  await expect.poll(() => readdirSync(cache, { recursive: true }).length).toBeGreaterThan(500);
  expect(await first.stop()).toBe(0);

  await using second = await startBot({ ...settings, ...traced });
  expect(await second.stop()).toBe(0);
  const accepted = second.output().match(/code cache for .* was accepted/gu) ?? [];
  const rejected = second.output().match(/code cache for .* was rejected/gu) ?? [];
  expect(accepted.length).toBeGreaterThan(500);
  expect(accepted.some((line) => line.includes("archive-writer-thread.ts"))).toBe(true);
  expect(rejected).toEqual([]);
});

test("the cache lies beside the packages, unless Node's setting names another folder", async () => {
  using folder = temporaryFolder();
  await using bot = await startBot({ DATA_DIR: folder.path, NODE_COMPILE_CACHE: "", ...traced });
  const usual = fileURLToPath(new URL("../../node_modules/.cache/threadkeeper", import.meta.url));
  expect(bot.output()).toContain(`resolved path ${usual}`);
});

test("where no cache can be written, the bot starts as without it", async () => {
  using folder = temporaryFolder();
  await using bot = await startBot({ DATA_DIR: folder.path, NODE_COMPILE_CACHE: unusable });
  expect(await bot.stop()).toBe(0);
});
