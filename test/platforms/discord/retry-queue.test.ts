import { describe, expect, test } from "vitest";

import type { Downtime } from "../../../src/domain/inbound.ts";
import { RetryQueue } from "../../../src/platforms/discord/api/retry-queue.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { eventually } from "../../support/eventually.ts";

const startedAtMs = 1_000_000;

/** Lanes over a store that may be away, and a clock that only goes when it is told to. */
function open(maxWaiting: number) {
  const log = new RecordingLog();
  const gaps: Downtime[] = [];
  const done: string[] = [];
  const doneWhenTold: number[] = [];
  const store = { isAway: false, tries: 0 };
  const time = { nowMs: startedAtMs };
  const clock = { nowMs: () => time.nowMs, sleep: async () => new Promise<void>(setImmediate) };
  const onLost = (downtime: Downtime) => {
    gaps.push(downtime);
    doneWhenTold.push(done.length);
  };
  const lanes = new RetryQueue({ clock, log, maxWaiting, onLost });
  const take = (lane: string, what: string, kind?: "change") =>
    lanes.run(
      lane,
      async () => {
        store.tries += 1;
        if (store.isAway) throw new Error("The store is away");
        done.push(what);
      },
      kind,
    );
  return { lanes, log, gaps, done, doneWhenTold, store, time, take };
}

describe("when the queue is full", () => {
  test("further events are dropped, and reported once when the store is back and the queue is short", async () => {
    const { lanes, log, gaps, done, doneWhenTold, store, time, take } = open(4);
    store.isAway = true;
    for (const each of ["1", "2", "3", "4"]) take("one", each);
    time.nowMs += 1_000;
    take("one", "5");
    time.nowMs += 1_000;
    take("two", "6");
    await eventually(() => expect(store.tries).toBeGreaterThan(3));
    expect(log.lines.map(({ level, facts }) => [level, facts["why"]])).toEqual([
      ["error", "the queue is full"],
      ["warn", undefined],
    ]);
    expect(gaps).toEqual([]);

    store.isAway = false;
    await lanes.idle("one");
    expect(done).toEqual(["1", "2", "3", "4"]);
    expect(gaps).toEqual([{ fromMs: startedAtMs + 1_000, toMs: startedAtMs + 2_000 }]);
    // Not at the first success: as long as much waits, more is dropped.
    expect(doneWhenTold).toEqual([3]);
    expect(log.lines.at(-1)).toMatchObject({ level: "warn", facts: { lost: 2 } });
    take("one", "7");
    await lanes.idle("one");
    expect(gaps).toHaveLength(1);
  });

  test("changes have more room than messages, since they can't be fetched later", async () => {
    const { lanes, done, store, take } = open(1);
    store.isAway = true;
    take("one", "said");
    take("one", "said, dropped");
    take("one", "deleted", "change");
    take("one", "deleted, dropped", "change");
    store.isAway = false;
    await lanes.idle("one");

    expect(done).toEqual(["said", "deleted"]);
  });
});

describe("when the store is unreachable for too long", () => {
  test("waiting events are dropped, and reported from their arrival", async () => {
    const { lanes, gaps, done, store, time, take } = open(10);
    store.isAway = true;
    take("one", "1");
    await eventually(() => expect(store.tries).toBeGreaterThan(1));
    time.nowMs += 15 * 60_000 + 1;
    await lanes.idle("one");
    expect([done, gaps]).toEqual([[], []]);

    store.isAway = false;
    take("two", "2");
    await lanes.idle("two");
    expect(done).toEqual(["2"]);
    expect(gaps).toEqual([{ fromMs: startedAtMs, toMs: time.nowMs }]);
  });

  test("nothing is reported if nothing was dropped", async () => {
    const { lanes, gaps, done, store, take } = open(10);
    store.isAway = true;
    take("one", "1");
    take("one", "2");
    await eventually(() => expect(store.tries).toBeGreaterThan(1));
    store.isAway = false;
    await lanes.idle("one");

    expect(done).toEqual(["1", "2"]);
    expect(gaps).toEqual([]);
  });
});
