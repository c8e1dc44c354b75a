import { expect, test } from "vitest";

import { TurnTimers } from "../../../src/engine/turn-timers.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { deleted } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const hourMs = 3_600_000;
const { signal } = new AbortController();

function slowDown(retryAfterMs: number): PlatformError {
  return new PlatformError("rate-limited", "slow down", { retryAfterMs });
}

test("an answer waits for an hour when its platform asks for that, without a retry before", async () => {
  const platform = new FakePlatform({ growthMs: 100_000 });
  await using bench = await openRealBench({ platform });
  let tries = 0;
  platform.before = (_what, post) => {
    if (post?.state !== "done" || ++tries > 1) return;
    throw slowDown(hourMs);
  };
  // The turn has ended when it is said.
  await bench.say("a", "hello");
  expect(tries).toBe(1);
  bench.clock.pass(hourMs - 60_000);
  expect(await bench.stores.inbox.due(bench.clock.nowMs(), signal)).toEqual([]);
  bench.clock.pass(60_000);
  expect(await bench.stores.inbox.due(bench.clock.nowMs(), signal)).toEqual(["fake:room:1"]);
  // Anything that wakes the conversation will do.
  await bench.take(deleted("never said"));
  expect(platform.shown).toEqual(["Answer to Ada: hello"]);
  expect(bench.model.prompts).toHaveLength(1);
});

test("the operator is warned about a long rate limit, and not about a short one", async () => {
  const platform = new FakePlatform();
  await using bench = await openRealBench({ platform });
  platform.before = () => {
    throw slowDown(30_000);
  };
  await bench.say("a", "hello");
  const levels = (): readonly string[] =>
    bench.log.lines
      .filter(({ message }) => message.includes("platform's rate limit"))
      .map(({ level }) => level);
  expect(new Set(levels())).toEqual(new Set(["info"]));
  bench.clock.pass(90_000);
  await bench.take(deleted("never said"));
  expect(levels().at(-1)).toBe("warn");
});

test("no pause is longer than the longest postponement", async () => {
  const platform = new FakePlatform();
  await using bench = await openRealBench({ platform });
  platform.before = () => {
    throw slowDown(5 * hourMs);
  };
  await bench.say("a", "hello");
  // What is postponed for longer counts as due: a clock was put back.
  expect(await bench.stores.inbox.due(bench.clock.nowMs(), signal)).toEqual([]);
});

test("complete posts of a long answer are not written again after a wait", async () => {
  const platform = new FakePlatform({ postChars: 100, growthMs: 100_000 });
  const long = Array.from({ length: 60 }, (_, count) => `word${count}`).join(" ");
  const model = new ScriptedModel(async function* () {
    yield long;
  });
  await using bench = await openRealBench({ platform, model });
  let refusals = 3;
  platform.before = (what, post) => {
    if (what === "create" && (post?.part ?? 0) >= 2 && refusals-- > 0) throw slowDown(4_000);
  };
  await bench.say("a", "hello");
  for (let schedules = 0; schedules < 3; schedules += 1) await bench.take(deleted("never said"));
  expect(platform.shown.join(" ").split(/\s+/u)).toEqual(long.split(" "));
  expect(platform.posts.map(({ edits }) => edits)).toEqual(platform.posts.map(() => 0));
});

test("an alarm schedules its conversation once; a later one replaces it, and closing cancels all", async () => {
  const scheduled: string[] = [];
  const scheduler = { schedule: async (conversation: string) => void scheduled.push(conversation) };
  const alarms = new TurnTimers({ scheduler, clock: systemClock, log: new RecordingLog() });
  alarms.scheduleIn("fake:a", 3_600_000);
  alarms.scheduleIn("fake:b", 3_600_000);
  alarms.scheduleIn("fake:a", 1);
  await expect.poll(() => scheduled).toEqual(["fake:a"]);
  alarms[Symbol.dispose]();
  alarms.scheduleIn("fake:c", 1);
  await systemClock.sleep(5, signal);
  expect(scheduled).toEqual(["fake:a"]);
});
