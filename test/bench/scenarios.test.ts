import { expect, test } from "vitest";

import { files } from "../../bench/compare/scenarios/files.ts";
import { idle } from "../../bench/compare/scenarios/idle.ts";
import { long } from "../../bench/compare/scenarios/long.ts";
import { recovery } from "../../bench/compare/scenarios/recovery.ts";
import { scenarioOptions, scenarioText, type Scenario } from "../../bench/compare/scenarios/scenario.ts";
import { sockets } from "../../bench/compare/scenarios/sockets.ts";
import { start } from "../../bench/compare/scenarios/start.ts";
import { window } from "../../bench/compare/scenarios/window.ts";
import { redisIsMissing } from "../support/redis-server.ts";

async function measured<Size extends string>(
  scenario: Scenario<Size>,
  sizes: Readonly<Record<Size, number>>,
  only: readonly string[],
) {
  await using opened = new AsyncDisposableStack();
  const report = await scenario.measure({ sizes, only, opened, note: () => undefined });
  const text = scenarioText(scenario.title, report);
  for (const { name } of report.rows) expect(text).toContain(`| ${name} |`);
  return report.rows.map(({ figures }) => figures);
}

/** Whether a figure lies between two others. */
const between = (least: number, most: number): unknown => ({
  asymmetricMatch: (value: unknown) => typeof value === "number" && value >= least && value <= most,
});
const above0 = between(Number.MIN_VALUE, Number.MAX_VALUE);
const noLoss = { lost: 0, doubled: 0 };

test("options set sizes; what is no number is refused", () => {
  const { sizes, only, jsonFile } = scenarioOptions(long, [
    "--quick",
    "--messages",
    "77",
    "--json",
    "a.json",
  ]);
  expect(sizes).toEqual({ messages: 77, early: 200, turns: 60, full: 4_000 });
  expect({ only, jsonFile }).toEqual({ only: ["ours-redis", "ours-sqlite"], jsonFile: "a.json" });
  expect(scenarioOptions(long, []).sizes.messages).toBe(10_000);
  expect(() => scenarioOptions(long, ["--turns", "many"])).toThrow("--turns: many is no number above 0");
  expect(() => scenarioOptions(long, ["--sockets", "1"])).toThrow(/--sockets/u);
});

test("a report tells figures, gaps, and which targets are reached", () => {
  const text = scenarioText("Waiting", {
    what: "People wait.",
    rows: [
      { name: "one", figures: { "ms per turn": 12.345, turns: 12_345 } },
      { name: "two", figures: { "ms per turn": 0.5, turns: 3, "bytes to memory": 1_234.5 } },
    ],
    checks: [
      { what: "ms", value: 12.345, atMost: 10 },
      { what: "turns", value: 3, atLeast: 3 },
    ],
  });
  expect(text.split("\n")).toEqual([
    "### Waiting",
    "",
    "People wait.",
    "",
    "| | ms per turn | turns | bytes to memory |",
    "| --- | ---: | ---: | ---: |",
    "| one | 12.3 | 12,345 | – |",
    "| two | 0.50 | 3 | 1,235 |",
    "",
    "- ms: 12.3, wanted at most 10: **missed**",
    "- turns: 3, wanted at least 3: reached",
  ]);
});

test("start: the bot gives its first answer soon", async () => {
  const [bot] = await measured(start, { runs: 1 }, ["ours-sqlite"]);
  expect(bot).toEqual({ "first answer after ms": above0, fastest: above0, slowest: above0 });
});

test.skipIf(redisIsMissing)("long: whole cycles of both conversations, and a full window", async () => {
  const sizes = { messages: 40, early: 20, turns: 5, full: 2_000 };
  const rows = await measured(long, sizes, ["ours-redis"]);
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect(row).toMatchObject({
      cycles: above0,
      turns: above0,
      "ms per turn": above0,
      "CPU ms": above0,
      // A message's own texts, at least; and no more than a turn sends in all.
      "bytes to memory": between(300, 100_000),
      "KiB to the store": between(1, 1_000),
      "messages in the prompt": between(5, 40),
    });
  }
  expect(rows.at(-1)?.["bytes to memory, paced"]).toEqual(between(300, 100_000));
});

test.skipIf(redisIsMissing)("window: turns from a well-filled window up to its cut", async () => {
  const sizes = { context: 6_000, filled: 1_500, chars: 1_200, answers: 3 };
  const [row] = await measured(window, sizes, ["ours-redis"]);
  expect(row).toMatchObject({
    ...noLoss,
    answers: 3,
    "prompt tokens": between(1_000, 6_000),
    "answers/s": above0,
    "CPU ms": above0,
    "bytes to memory": between(2_400, 100_000),
  });
});

test.skipIf(redisIsMissing)("idle: conversations lie in Redis, and another one is answered", async () => {
  const sizes = { conversations: 50, messages: 20, answers: 3 };
  const [alone, beside] = await measured(idle, sizes, ["ours-redis"]);
  expect(alone).toMatchObject({ ...noLoss, "bytes in Redis, each": 0 });
  expect(beside).toMatchObject({
    ...noLoss,
    "bytes in Redis, each": between(5_000, 50_000),
    "RSS MiB after the start": above0,
    "p50 ms": above0,
  });
});

test("files: the sizes of SQLite's files after each part of the turns", async () => {
  const rows = await measured(files, { turns: 12, k: 2, looks: 2 }, ["ours-sqlite"]);
  expect(rows).toHaveLength(2);
  for (const row of rows)
    expect(row).toMatchObject({ ...noLoss, "hot file MiB": above0, "archive MiB": above0, "msg/s": above0 });
});

test("sockets: pages stay open, and people get their answers", async () => {
  const sizes = { sockets: 30, talking: 2, answers: 2, quiet: 1 };
  for (const row of await measured(sockets, sizes, ["ours-sqlite"])) {
    expect(row).toMatchObject({ ...noLoss, closed: 0, "RSS MiB": above0, "first text ms, p50": above0 });
    expect(row["complete ms, p50"]).toBeGreaterThanOrEqual(row["first text ms, p50"] ?? Infinity);
  }
});

test("recovery: what was running at the kill is completed once", async () => {
  const sizes = { k: 2, kills: 1, stream: 20_000, patience: 60_000 };
  const [row] = await measured(recovery, sizes, ["ours-sqlite"]);
  expect(row).toMatchObject({ ...noLoss, "ready again ms": above0, "complete ms, max": above0 });
  expect(row?.["running at the kill"]).toEqual(row?.["asked again"]);
});
