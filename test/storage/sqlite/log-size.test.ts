import { statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { expect, test } from "vitest";

import { transactionsOf } from "../../../src/storage/sqlite/connection/transaction.ts";
import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** What a log may grow to before it counts as one that is never emptied. */
const mostBytes = 200 * 2 ** 20;

test("the log is emptied again and again while writers follow each other without a pause", async () => {
  using folder = temporaryFolder();
  const log = new RecordingLog();
  using opened = openDatabase(folder.path, log);
  const transactions = transactionsOf(opened.database);
  const put = opened.database.prepare("INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)");
  const sizes: number[] = [];
  let emptied = 0;
  const write = async (writer: number): Promise<void> => {
    for (let bytes = 0; emptied < 3 && bytes < mostBytes; bytes = sizes.at(-1) ?? 0) {
      await transactions.write(() => put.run(`memory:${writer}`, "x".repeat(20_000)));
      const size = statSync(join(folder.path, "threadkeeper.sqlite-wal")).size;
      if (size < (sizes.at(-1) ?? 0)) emptied += 1;
      sizes.push(size);
      await setImmediate();
    }
  };
  await Promise.all([0, 1, 2, 3].map((writer) => write(writer)));
  expect(emptied).toBe(3);
  expect(log.lines).toEqual([]);
});
