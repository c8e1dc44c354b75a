import { expect, test } from "vitest";

import type { Inbox } from "../../src/ports/inbox.ts";
import { StoreError } from "../../src/ports/store-error.ts";
import { EmbeddedScheduler } from "../../src/engine/embedded/embedded-scheduler.ts";
import { Sweeper } from "../../src/engine/sweeper.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { RecordingLog } from "../support/core/recording-log.ts";

const patiently = { timeout: 60_000, interval: 5 };
const never = async (): Promise<never> => {
  throw new Error("not asked here");
};

test("turns that fail because the stores are unreachable are logged once until one works again", async () => {
  const log = new RecordingLog();
  await using scheduler = new EmbeddedScheduler({ turnsAtOnce: 5, shutdownMs: 100, log });
  let fault: Error | undefined = new StoreError("away");
  let turns = 0;
  scheduler.start(async () => {
    turns += 1;
    if (fault !== undefined) throw fault;
    return "rest";
  });
  const runAllTurns = async (): Promise<void> => {
    const until = turns + 5;
    for (const name of ["a", "b", "c", "d", "e"]) await scheduler.schedule(`fake:${name}`);
    await expect.poll(() => turns, patiently).toBe(until);
  };
  await runAllTurns();
  await runAllTurns();
  expect(log.lines.map(({ message }) => message)).toEqual(["a turn failed; the sweeper schedules it again"]);
  fault = undefined;
  await runAllTurns();
  fault = new StoreError("away");
  await runAllTurns();
  expect(log.lines).toHaveLength(2);
  // A bug, which is logged each time.
  fault = new TypeError("a mistake of this program");
  await runAllTurns();
  expect(log.lines).toHaveLength(7);
});

test("sweeps that fail because the stores are unreachable are logged once until one works again", async () => {
  const log = new RecordingLog();
  let looks = 0;
  let isAway = true;
  const inbox: Inbox = {
    accept: never,
    waiting: never,
    isMarked: never,
    postpone: never,
    due: async () => {
      looks += 1;
      if (isAway) throw new StoreError("away");
      return [];
    },
    dropDedupeMarks: async () => undefined,
  };
  await using sweeper = new Sweeper(
    { inbox, scheduler: { schedule: never }, clock: new HandClock(), log },
    5_000,
  );
  sweeper.start();
  const lookedFurther = async (): Promise<void> => {
    const until = looks + 3;
    await expect.poll(() => looks, patiently).toBeGreaterThan(until);
  };
  await lookedFurther();
  expect(log.lines.map(({ message }) => message)).toEqual(["sweep failed; it is repeated in a few seconds"]);
  isAway = false;
  await lookedFurther();
  isAway = true;
  await lookedFurther();
  expect(log.lines).toHaveLength(2);
});
