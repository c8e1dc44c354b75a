import { expect, test } from "vitest";

import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteUsage } from "../../../src/storage/sqlite/stores/sqlite-usage.ts";
import { usageContract } from "../../contracts/usage-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function open() {
  const folder = temporaryFolder();
  const opened = openDatabase(folder.path, new RecordingLog());
  const usage = new SqliteUsage(opened.database, new RecordingLog());
  return {
    usage,
    database: opened.database,
    [Symbol.asyncDispose]: async () => {
      usage[Symbol.dispose]();
      opened[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

usageContract(open);

const nowMs = 1_795_000_000_000;

/** Usage with a correction, and the amount that a process would find that starts now. */
async function correction() {
  const opened = await open();
  const { usage, database } = opened;
  const sum = database.prepare("SELECT SUM(amount) AS amount FROM usage");
  usage.adjust([{ counter: "one", amount: 4 }], nowMs);
  usage.adjust([{ counter: "one", amount: -1 }], nowMs);
  return { ...opened, stored: () => sum.get()?.["amount"] };
}

test("corrections are written together, a moment later", async () => {
  await using corrected = await correction();
  expect(corrected.stored()).toBeNull();
  await expect.poll(corrected.stored, { timeout: 60_000 }).toBe(3);
});

test("corrections are written before the store is closed", async () => {
  await using corrected = await correction();
  corrected.usage[Symbol.dispose]();
  expect(corrected.stored()).toBe(3);
});

test("corrections alone drop the counters of old days", async () => {
  await using corrected = await correction();
  corrected.usage[Symbol.dispose]();
  corrected.usage.adjust([{ counter: "one", amount: 5 }], nowMs + 2 * 86_400_000);
  corrected.usage[Symbol.dispose]();
  expect(corrected.stored()).toBe(5);
});
