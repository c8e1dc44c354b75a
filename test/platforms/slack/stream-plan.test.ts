import { expect, test } from "vitest";

import { StreamPlan } from "../../../src/platforms/slack/outbound/stream-plan.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";

const { signal } = new AbortController();

test("streams that are over do not slow down those that grow", async () => {
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
  const plan = new StreamPlan(new InProcessRateLimits(clock.nowMs), clock, "T1");
  const grow = (turn: string) => plan.whenGrowing({ turn, part: 0, id: "post", kind: "growth" }, signal);
  for (let count = 1; count <= 15; count += 1) {
    const stream = { turn: `t${count}`, part: 0 };
    expect(await plan.mayStart(stream, 240_000, signal)).toBe(true);
    await grow(stream.turn);
    await plan.whenStoppable(stream, signal);
  }
  await grow("running");
  const fromMs = nowMs;
  await grow("running");
  expect(nowMs - fromMs).toBeLessThan(500);
});
