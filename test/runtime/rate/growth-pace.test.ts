import { expect, test } from "vitest";

import type { Clock } from "../../../src/ports/clock.ts";
import { GrowthPace } from "../../../src/runtime/rate/growth-pace.ts";

const signal = new AbortController().signal;
const write = (turn: string, kind: "first" | "growth" | "final") => ({ turn, part: 0, kind });

/** A pace, and how long each write had to wait. */
function openPace() {
  const waits: number[] = [];
  let nowMs = 1_000_000;
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  const pace = new GrowthPace({ firstMs: 300, everyMs: 1_200 }, clock);
  return { pace, waits, pass: (ms: number) => void (nowMs += ms) };
}

test("an answer grows at its own rate, counted from the end of its last write", async () => {
  const { pace, waits, pass } = openPace();
  await pace.whenDue(write("a", "first"), signal);
  pass(500);
  pace.wrote("a");
  pass(200);
  await pace.whenDue(write("a", "growth"), signal);
  await pace.whenDue(write("b", "growth"), signal);
  pace.wrote("a");
  pass(2_000);
  await pace.whenDue(write("a", "growth"), signal);
  expect(waits).toEqual([300, 1_000]);
});

test("a final write never waits", async () => {
  const { pace, waits } = openPace();
  pace.wrote("a");
  await pace.whenDue(write("a", "final"), signal);
  await pace.whenDue(write("b", "final"), signal);
  expect(waits).toEqual([]);
});

test("the state of ten thousand answers is dropped, the oldest first", async () => {
  const { pace, waits } = openPace();
  for (let count = 0; count <= 10_000; count += 1) pace.wrote(`t${count}`);
  await pace.whenDue(write("t0", "growth"), signal);
  await pace.whenDue(write("t1", "growth"), signal);
  expect(waits).toEqual([1_200]);
});
