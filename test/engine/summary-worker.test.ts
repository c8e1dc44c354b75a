import { expect, test } from "vitest";

import { SummaryWorker } from "../../src/engine/summary-worker.ts";
import { RecordingLog } from "../support/core/recording-log.ts";

test("a summary that a daily limit stopped is made on the next day, even without a new message", async () => {
  const folded: string[] = [];
  const slept: number[] = [];
  let isTomorrow = false;
  const { promise: nextDay, resolve: dawn } = Promise.withResolvers<void>();
  await using folder = new SummaryWorker({
    summarize: async (conversation) => {
      folded.push(conversation);
      return isTomorrow || "tomorrow";
    },
    clock: {
      nowMs: () => Date.UTC(2026, 10, 26, 20),
      sleep: async (ms) => {
        slept.push(ms);
        await nextDay;
      },
    },
    log: new RecordingLog(),
  });
  for (const each of ["fake:room:1", "fake:room:2"] as const) folder.request(each);
  await expect.poll(() => folded).toHaveLength(2);
  expect(slept).toEqual([4 * 3_600_000 + 1_000]);
  isTomorrow = true;
  dawn();
  await expect.poll(() => folded).toHaveLength(4);
});
