import { expect, test } from "vitest";

import { chosen, contestantNamed } from "../../bench/compare/contestants.ts";
import { reportOf } from "../../bench/compare/report.ts";
import { ContestantBench } from "../../bench/compare/run-contestant.ts";

test("the bench measures the bot itself: every message is answered once, in the thread", async () => {
  const measure = {
    conversations: 2,
    modelDelayMs: 0,
    warmUpMessages: 4,
    leadInMessages: 2,
    messages: 8,
    threadTurns: 3,
    profileFolder: "",
  };
  await using bench = new ContestantBench(contestantNamed("ours-sqlite"), measure);
  await bench.start();
  await bench.warmUp();
  await bench.run();
  const result = await bench.result();
  expect(result.runs).toEqual([
    expect.objectContaining({ lost: 0, doubled: 0, redisCommands: 0, modelCalls: 1 }),
  ]);
  const [run] = result.runs;
  // The placeholder, and the answer in its place; on a busy machine it grows in between.
  expect(run?.slackCalls).toBeGreaterThanOrEqual(2);
  expect(run?.messagesPerS).toBeGreaterThan(0);
  expect(run?.p50Ms).toBeGreaterThan(0);
  expect(run?.p99Ms).toBeGreaterThanOrEqual(run?.p50Ms ?? Infinity);
  expect(run?.cpuSPer1000).toBeGreaterThan(0);
  expect(result.rssMiB).toBeGreaterThan(result.heapMiB);
  expect(reportOf([result])).toContain("| ours, SQLite |");
});

test("the warm-up does not wait for the model's delay", async () => {
  const measure = {
    conversations: 2,
    modelDelayMs: 3_600_000,
    warmUpMessages: 4,
    leadInMessages: 0,
    messages: 8,
    threadTurns: 3,
    profileFolder: "",
  };
  await using bench = new ContestantBench(contestantNamed("ours-sqlite"), measure);
  await bench.start();
  await expect(bench.warmUp()).resolves.toBeUndefined();
});

test("an unknown contestant is refused, with the names of those that there are", () => {
  expect(() => chosen(["nobody"])).toThrow(/nobody is unknown; there are .*ours-redis/u);
});
