import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { RateLimit, RateLimits } from "../../src/ports/rate-limits.ts";

export interface OpenedRateLimits {
  readonly limits: RateLimits;
  readonly pass: (ms: number) => void;
}

const signal = new AbortController().signal;
let names = 0;

function limitOf(calls: number, windowMs: number): RateLimit {
  return { name: `test:${(names += 1)}`, calls, windowMs };
}

function spareOf(limits: RateLimits, limit: RateLimit, answer: string, isFirst = false): Promise<number> {
  return limits.reserveForGrowth(limit, { answer, isFirst }, signal);
}

/** The contract of rate limits. Time stands still until the test advances it. */
export function rateLimitsContract(open: () => OpenedRateLimits): void {
  const reserveEach = async (limits: RateLimits, limit: RateLimit, tickets: readonly string[]) => {
    const waits: number[] = [];
    for (const ticket of tickets) waits.push(Math.round(await limits.reserve(limit, ticket, signal)));
    return waits;
  };

  test("grants calls within the limit, and assigns later times to the rest in the order of requests", async () => {
    const { limits, pass } = open();
    const limit = limitOf(2, 1_000);
    await limits.pause(limit, 0, signal);
    expect(await reserveEach(limits, limit, ["a", "b", "c", "d", "e"])).toEqual([0, 0, 1_000, 1_000, 2_000]);
    pass(400);
    expect(await reserveEach(limits, limit, ["e", "c"])).toEqual([1_600, 600]);
    pass(600);
    expect(await reserveEach(limits, limit, ["c", "d", "e"])).toEqual([0, 0, 1_000]);
  });

  test("only counts reserved calls until one is refused, and again ten minutes later", async () => {
    const { limits, pass } = open();
    const limit = limitOf(2, 60_000);
    expect(await reserveEach(limits, limit, ["a", "b", "c", "d"])).toEqual([0, 0, 0, 0]);
    expect(await spareOf(limits, limit, "growing")).toBeGreaterThan(0);
    // The fourth was refused.
    await limits.pause(limit, 0, signal);
    expect(await reserveEach(limits, limit, ["d"])).toEqual([60_000]);
    pass(661_000);
    expect(await reserveEach(limits, limit, ["e", "f", "g"])).toEqual([0, 0, 0]);
  });

  test("counts the calls of a limit without growth once one is refused", async () => {
    const { limits, pass } = open();
    const limit = { ...limitOf(1, 1_000), isCountedLate: true } as const;
    expect(await reserveEach(limits, limit, ["a", "b"])).toEqual([0, 0]);
    await limits.pause(limit, 500, signal);
    expect(await reserveEach(limits, limit, ["b", "c"])).toEqual([500, 1_500]);
    pass(500);
    expect(await reserveEach(limits, limit, ["b", "c"])).toEqual([0, 1_000]);
    pass(1_000);
    expect(await reserveEach(limits, limit, ["c", "d"])).toEqual([0, 1_000]);
  });

  test("keeps a call for the end of each running answer, however much answers grow", async () => {
    const { limits, pass } = open();
    const limit = limitOf(6, 60_000);
    const answers = ["a", "b", "c"];
    for (const answer of answers) await limits.open(limit, answer, signal);
    let grown = 0;
    for (let round = 0; round < 40; round += 1) {
      for (const answer of answers) if ((await spareOf(limits, limit, answer)) === 0) grown += 1;
      pass(1_000);
    }
    expect(grown).toBe(3);
    await limits.pause(limit, 0, signal);
    pass(1);
    for (const answer of answers)
      expect(await limits.reserve(limit, answer, signal, { closes: answer })).toBe(0);
  });

  test("opens an answer under one limit with a call of another, and closes it with its last call", async () => {
    const { limits, pass } = open();
    const [updates, posts] = [limitOf(2, 60_000), limitOf(1, 1_000)];
    for (const answer of ["a", "b"]) {
      const opens = { limit: updates, answer };
      expect(await limits.reserve(posts, `${answer}/0`, signal, { opens })).toBe(0);
      expect(await limits.reserve(posts, `${answer}/1`, signal, { opens })).toBe(0);
    }
    expect(await spareOf(limits, updates, "a")).toBeGreaterThan(0);
    expect(await limits.reserve(updates, "b", signal, { closes: "b" })).toBe(0);
    expect(await spareOf(limits, updates, "a")).toBeGreaterThan(0);
    pass(60_001);
    expect(await spareOf(limits, updates, "a")).toBe(0);
  });

  test("lets answers grow by no more than their share of the limit", async () => {
    const { limits, pass } = open();
    const limit = { ...limitOf(8, 60_000), forGrowth: 3 };
    let grown = 0;
    for (let second = 0; second < 59; second += 1) {
      if ((await spareOf(limits, limit, "a")) === 0) grown += 1;
      pass(1_000);
    }
    expect(grown).toBe(3);
    expect(await spareOf(limits, limit, "b")).toBeGreaterThan(0);
    expect(await spareOf(limits, limit, "c", true)).toBe(0);
    pass(60_000);
    expect(await spareOf(limits, limit, "a")).toBe(0);
  });

  test("lets an answer wait the longer for its growth, the more answers grow", async () => {
    const pauseOf = async (count: number): Promise<number> => {
      const { limits } = open();
      const limit = limitOf(48, 60_000);
      for (let other = 1; other < count; other += 1) await limits.open(limit, `other ${other}`, signal);
      expect(await spareOf(limits, limit, "a")).toBe(0);
      return spareOf(limits, limit, "a");
    };
    const [one, eight, twenty] = [await pauseOf(1), await pauseOf(8), await pauseOf(20)];
    expect(one).toBeLessThan(1_200);
    expect(eight).toBeGreaterThan(2 * one);
    expect(twenty).toBeGreaterThan(2 * eight);
  });

  test("keeps no call for an answer that has not grown for two minutes", async () => {
    const { limits, pass } = open();
    const limit = limitOf(2, 1_000);
    await limits.open(limit, "lost", signal);
    expect(await spareOf(limits, limit, "a")).toBeGreaterThan(0);
    pass(121_000);
    expect(await spareOf(limits, limit, "a")).toBe(0);
  });

  test("allows no call while the platform asks for a pause, and never shortens it", async () => {
    const { limits, pass } = open();
    const limit = limitOf(5, 1_000);
    await limits.pause(limit, 3_600_000, signal);
    await limits.pause(limit, 1_000, signal);
    expect(await reserveEach(limits, limit, ["a"])).toEqual([3_600_000]);
    expect(Math.round(await spareOf(limits, limit, "b"))).toBe(3_600_000);
    pass(3_599_000);
    expect(await reserveEach(limits, limit, ["a"])).toEqual([1_000]);
    pass(1_000);
    expect(await reserveEach(limits, limit, ["a"])).toEqual([0]);
    expect(await spareOf(limits, limit, "b")).toBe(0);
  });

  test("takes a spare call only where one for its end is free too, and keeps that one", async () => {
    const { limits, pass } = open();
    const [starts, stops] = [limitOf(3, 60_000), limitOf(2, 60_000)];
    const take = (answer: string) =>
      limits.takeSpare(starts, { limit: stops, answer, forMs: 240_000 }, signal);
    expect([await take("a"), await take("b"), await take("c")]).toEqual([true, true, false]);
    // The ends stay reserved beyond the window, and other ends are counted too.
    pass(200_000);
    expect(await take("c")).toBe(false);
    expect(await limits.reserve(stops, "a", signal, { closes: "a" })).toBe(0);
    expect(await take("c")).toBe(false);
    pass(60_001);
    expect([await take("c"), await take("d"), await take("e")]).toEqual([true, true, false]);
  });

  test("releases reservations under another limit with a call, however close the calls are", async () => {
    const { limits } = open();
    const [ends, growths] = [limitOf(9, 60_000), limitOf(2, 60_000)];
    for (const answer of ["a", "b"]) await limits.open(growths, answer, signal);
    expect(await spareOf(limits, growths, "c")).toBeGreaterThan(0);
    for (const answer of ["a", "b"]) {
      const releases = { limit: growths, answer };
      expect(await limits.reserve(ends, answer, signal, { releases })).toBe(0);
    }
    expect(await spareOf(limits, growths, "c")).toBe(0);
  });

  test("takes no spare call during a pause of either limit, and none from those reserved for ends", async () => {
    const { limits, pass } = open();
    const [starts, stops] = [limitOf(1, 1_000), limitOf(9, 1_000)];
    const take = () => limits.takeSpare(starts, { limit: stops, answer: "a", forMs: 1_000 }, signal);
    for (const limit of [starts, stops]) {
      await limits.pause(limit, 5_000, signal);
      expect(await take()).toBe(false);
      pass(5_000);
    }
    await limits.open(starts, "running", signal);
    expect(await take()).toBe(false);
    await limits.reserve(starts, "running", signal, { closes: "running" });
    expect(await take()).toBe(false);
    pass(1_001);
    expect(await take()).toBe(true);
  });

  describe("in any order of calls", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("reserve" as const), who: fc.nat(9) }),
      fc.record({ kind: fc.constant("spare" as const), who: fc.nat(9) }),
      fc.record({ kind: fc.constant("pass" as const), who: fc.nat(40) }),
    );
    test("no window holds more calls than the limit allows", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          const { limits, pass } = open();
          const limit = limitOf(4, 1_000);
          await limits.pause(limit, 0, signal);
          const calls: number[] = [];
          let nowMs = 0;
          for (const { kind, who } of steps) {
            if (kind === "pass") {
              pass(who * 25);
              nowMs += who * 25;
              continue;
            }
            const waitMs = await (kind === "spare"
              ? spareOf(limits, limit, `${who}`)
              : limits.reserve(limit, `${who}`, signal));
            if (waitMs === 0) calls.push(nowMs);
          }
          for (const atMs of calls)
            expect(
              calls.filter((each) => each > atMs - limit.windowMs && each <= atMs).length,
            ).toBeLessThanOrEqual(4);
        }),
        { numRuns: 50 },
      );
    });
  });
}
