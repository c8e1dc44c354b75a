import { expect, test } from "vitest";

import type { UsageCounters } from "../../src/ports/usage.ts";

/** The contract of usage counters. `open` returns one replica's view, which begins empty. */
export function usageContract(
  open: () => Promise<{ readonly usage: UsageCounters } & AsyncDisposable>,
): void {
  const { signal } = new AbortController();
  const noonMs = 1_795_000_000_000;
  const dayMs = 86_400_000;
  const one = { counter: "one", amount: 2, limit: 5 };
  const other = { counter: "other", amount: 2 };

  test("counts up to the limit, and returns the charge that would exceed it", async () => {
    await using opened = await open();
    const { charge } = opened.usage;
    expect(await charge([one, other], noonMs, signal)).toBeUndefined();
    expect(await charge([one], noonMs, signal)).toBeUndefined();
    expect(await charge([other, one], noonMs, signal)).toEqual(one);
    expect(await charge([{ ...one, amount: 1 }], noonMs, signal)).toBeUndefined();
  });

  test("charges nothing if one of the charges would exceed its limit", async () => {
    await using opened = await open();
    const { charge } = opened.usage;
    await charge([other, { ...one, amount: 6 }], noonMs, signal);
    expect(await charge([{ ...other, limit: 2 }], noonMs, signal)).toBeUndefined();
  });

  test("refunds a charge, even beyond a limit", async () => {
    await using opened = await open();
    const { charge } = opened.usage;
    await charge([{ counter: "one", amount: 9 }], noonMs, signal);
    expect(await charge([{ ...one, amount: -6 }], noonMs, signal)).toBeUndefined();
    expect(await charge([one], noonMs, signal)).toBeUndefined();
    expect(await charge([one], noonMs, signal)).toEqual(one);
  });

  test("corrects counters beyond a limit, before the next charge", async () => {
    await using opened = await open();
    const { charge, adjust } = opened.usage;
    await charge([one], noonMs, signal);
    adjust([{ ...one, amount: 7 }, other], noonMs);
    expect(await charge([one], noonMs, signal)).toEqual(one);
    adjust([{ counter: "one", amount: -8 }], noonMs);
    adjust([{ counter: "one", amount: 1 }, one], noonMs);
    expect(await charge([{ ...one, amount: 1 }], noonMs, signal)).toBeUndefined();
    expect(await charge([{ ...one, amount: 1 }], noonMs, signal)).toEqual({ ...one, amount: 1 });
    expect(await charge([{ ...other, limit: 4 }], noonMs, signal)).toBeUndefined();
    expect(await charge([{ ...other, limit: 4 }], noonMs, signal)).toEqual({ ...other, limit: 4 });
  });

  test("tells the counts of a day with its corrections, and 0 for what was not counted", async () => {
    await using opened = await open();
    const { charge, adjust, read } = opened.usage;
    await charge([one, { ...other, amount: 40 }], noonMs, signal);
    adjust([{ ...other, amount: -7 }], noonMs);
    expect(await read(["other", "none", "one"], noonMs, signal)).toEqual([33, 0, 2]);
    await charge([one], noonMs, signal);
    expect(await read(["other", "one"], noonMs, signal)).toEqual([33, 4]);
    expect(await read(["other", "one"], noonMs + dayMs, signal)).toEqual([0, 0]);
  });

  test("corrects counters of the day that they were charged on", async () => {
    await using opened = await open();
    const { charge, adjust } = opened.usage;
    const five = { ...one, amount: 5 };
    await charge([five], noonMs, signal);
    adjust([{ ...five, amount: -5 }], noonMs);
    expect(await charge([five], noonMs + dayMs, signal)).toBeUndefined();
    adjust([{ ...one, amount: -1 }], noonMs + dayMs);
    expect(await charge([five], noonMs, signal)).toBeUndefined();
    expect(await charge([{ ...one, amount: 1 }], noonMs + dayMs, signal)).toBeUndefined();
    expect(await charge([{ ...one, amount: 1 }], noonMs + dayMs, signal)).toEqual({ ...one, amount: 1 });
  });

  test("starts again each day", async () => {
    await using opened = await open();
    const { charge } = opened.usage;
    await charge([{ ...one, amount: 5 }], noonMs, signal);
    expect(await charge([one], noonMs, signal)).toEqual(one);
    expect(await charge([one], noonMs + dayMs, signal)).toBeUndefined();
  });

  test("admits a holder's maximum of turns at once, and the next when one leaves", async () => {
    await using opened = await open();
    const { enter, leave } = opened.usage;
    const limits = { most: 2, heldMs: 60_000 };
    const slot = (turn: string, holder = "Ada") => ({ holder, turn });
    expect(await enter(slot("t1"), limits, noonMs, signal)).toBe(true);
    expect(await enter(slot("t2"), limits, noonMs, signal)).toBe(true);
    expect(await enter(slot("t3"), limits, noonMs, signal)).toBe(false);
    expect(await enter(slot("t2"), limits, noonMs, signal)).toBe(true);
    expect(await enter(slot("t3", "Grace"), limits, noonMs, signal)).toBe(true);
    leave(slot("t1"));
    expect(await enter(slot("t3"), limits, noonMs, signal)).toBe(true);
  });

  test("frees the place of a turn that never left", async () => {
    await using opened = await open();
    const { enter } = opened.usage;
    const limits = { most: 1, heldMs: 60_000 };
    await enter({ holder: "Ada", turn: "t1" }, limits, noonMs, signal);
    const later = { holder: "Ada", turn: "t2" };
    expect(await enter(later, limits, noonMs + 59_000, signal)).toBe(false);
    expect(await enter(later, limits, noonMs + 61_000, signal)).toBe(true);
  });
}
