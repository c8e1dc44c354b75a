import { expect, test } from "vitest";

import { reportOf } from "../../bench/compare/report.ts";
import type { Result, Run } from "../../bench/compare/run.ts";

const run = (messagesPerS: number, more: Partial<Run> = {}): Run => ({
  messagesPerS,
  p50Ms: 10,
  p95Ms: 20,
  p99Ms: 30,
  maxMs: 40,
  firstTextMs: 9,
  cpuSPer1000: 2,
  loopDelayP99Ms: 1,
  loopDelayMaxMs: 2,
  redisCommands: 10,
  redisReads: 3,
  redisBytes: 2_048,
  redisCpuMs: 0.5,
  slackCalls: 2,
  modelCalls: 1,
  promptMessages: 20,
  promptBytes: 4_096,
  lost: 0,
  doubled: 0,
  redelivered: 0,
  standInBusy: 0.5,
  ...more,
});

const result = (name: string, runs: readonly Run[], more: Partial<Result> = {}): Result => ({
  name,
  title: `the ${name}`,
  conversations: 16,
  modelDelayMs: 0,
  warmUpMessages: 2_000,
  leadInMessages: 1_000,
  messages: 500,
  threadTurns: 20,
  runs,
  rssMiB: 200,
  heapMiB: 50,
  peakMiB: 300,
  shareInScripts: 0.4,
  ...more,
});

function rowsOf(report: string, title: string): readonly string[] {
  return report.split("\n").filter((line) => line.startsWith(`| ${title} |`));
}

test("a row has the medians of all runs, their spread, and every loss of any run", () => {
  const runs = [run(1_000), run(1_200, { lost: 1 }), run(1_100, { lost: 2, cpuSPer1000: 3 })];
  const [figures, calls] = rowsOf(reportOf([result("bot", runs)]), "the bot");
  expect(figures).toBe(
    "| the bot | 1,100 ±9 % | 10.0 ±0 % | 20.0 | 30.0 | 40 | 9.0 | 2.00 ±25 % | 200 | 50 | 1.0 | 3 | 0 |",
  );
  expect(calls).toBe("| the bot | 10.0 | 4.0 | 3.0 | 2.0 | 0.50 | 2.00 | 1.00 | 20.0 | 4.0 | 50 % |");
});

test("ratios are told to Chat SDK and to the packages alone, where they ran", () => {
  const bot = result("bot", [run(300)], { rssMiB: 100 });
  const peer = result("chat-sdk", [run(200, { cpuSPer1000: 4, p50Ms: 20 })]);
  const report = reportOf([bot, peer]);
  expect(rowsOf(report, "the bot").at(-1)).toBe("| the bot | 1.50 | 0.50 | 0.50 | 0.50 | -10.0 |");
  expect(report).toContain("msg/s ÷ Chat SDK");
  expect(report).not.toContain("÷ packages");
  expect(reportOf([bot])).not.toContain("Ratios");
});

test("each number of conversations and each delay of the model has a table of its own", () => {
  const results = [result("bot", [run(1)]), result("bot", [run(1)], { conversations: 1, modelDelayMs: 50 })];
  const report = reportOf(results);
  expect(report).toContain("### 16 conversations, a model without delay");
  expect(report).toContain("### 1 conversation, 50 ms of the model");
});

test("prompts that are not equal are told", () => {
  const short = result("bot", [run(1, { promptMessages: 18.4 })]);
  const long = result("chat-sdk", [run(1, { promptMessages: 20.9 })]);
  expect(reportOf([long])).toContain("The prompts are equal: 20 ± 1 messages in the mean for all.");
  expect(reportOf([short, long])).toContain("not 20 ± 1 messages in the mean for the bot.");
  expect(reportOf([{ ...short, threadTurns: 0 }])).not.toContain("equal");
});

test("targets are told for those who ran, where they are meant for the table", () => {
  const bot = result("ours-redis", [run(240, { cpuSPer1000: 3 }), run(260, { cpuSPer1000: 3, doubled: 1 })]);
  const peer = result("chat-sdk", [run(200)]);
  const busy = { conversations: 128, modelDelayMs: 50 };
  expect(reportOf([bot, peer])).toContain(
    "- ours with Redis, msg/s ÷ Chat SDK: 1.25, wanted at least 1.30: **missed**",
  );
  expect(reportOf([bot, peer])).toContain(
    "- ours, messages lost or doubled: 1, wanted at most 0: **missed**",
  );
  expect(reportOf([bot])).not.toContain("÷ Chat SDK");
  expect(reportOf([peer])).not.toContain("wanted");
  const packages = result("packages", [run(400, { p50Ms: 60 })], busy);
  const slow = result("ours-redis", [run(200, { p50Ms: 85, maxMs: 6_000 })], busy);
  const report = reportOf([packages, slow]);
  expect(report).toContain("- ours with Redis, p50 − packages in ms: 25, wanted at most 30: reached");
  expect(report).toContain("- ours, the longest wait in ms: 6,000, wanted at most 5,000: **missed**");
  expect(report).not.toContain("CPU ÷ packages:");
});
