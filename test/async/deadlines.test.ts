import { getEventListeners } from "node:events";

import { expect, test } from "vitest";

import { Deadlines } from "../../src/async/deadlines.ts";

const never = (): Promise<never> => new Promise(() => undefined);
const { signal } = new AbortController();

test("gives the result or the error of work that ends in time", async () => {
  const deadlines = new Deadlines(60_000);
  expect(await deadlines.wait(async () => "done", signal)).toBe("done");
  await expect(deadlines.wait(() => Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
  const throwing = (): Promise<never> => {
    throw new Error("at once");
  };
  await expect(deadlines.wait(throwing, signal)).rejects.toThrow("at once");
});

test("ends each wait at its own time as AbortSignal.timeout does", async () => {
  const deadlines = new Deadlines(20);
  const begunAtMs = performance.now();
  const ends: number[] = [];
  const waits = [0, 10, 25, 40].map(async (afterMs) => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const startedAtMs = performance.now();
    const error: unknown = await deadlines.wait(never, signal).catch((reason: unknown) => reason);
    ends.push(performance.now() - startedAtMs);
    return error;
  });
  const platform = AbortSignal.timeout(1);
  for (const error of await Promise.all(waits)) {
    expect(error).toMatchObject({ name: "TimeoutError" });
    await expect.poll(() => String(platform.reason)).toBe(String(error));
  }
  expect(Math.min(...ends)).toBeGreaterThanOrEqual(19);
  expect(performance.now() - begunAtMs).toBeGreaterThan(59);
});

test("ends all waits of a signal with its reason, and none of another", async () => {
  const deadlines = new Deadlines(60_000);
  const [one, other] = [new AbortController(), new AbortController()];
  const ofOne = [1, 2].map(() => deadlines.wait(never, one.signal));
  const work = Promise.withResolvers<string>();
  const ofOther = deadlines.wait(() => work.promise, other.signal);
  one.abort("gone");
  expect(await Promise.allSettled(ofOne)).toEqual([1, 2].map(() => ({ status: "rejected", reason: "gone" })));
  work.resolve("done");
  expect(await ofOther).toBe("done");
});

test("starts no work for a signal that has fired, and ends work that fires it", async () => {
  const deadlines = new Deadlines(60_000);
  const own = new AbortController();
  const aborting = async (): Promise<never> => {
    own.abort("gone");
    return never();
  };
  await expect(deadlines.wait(aborting, own.signal)).rejects.toBe("gone");
  let runs = 0;
  const counted = async (): Promise<void> => void (runs += 1);
  await expect(deadlines.wait(counted, own.signal)).rejects.toBe("gone");
  expect(runs).toBe(0);
});

test("a late error of the work is nobody's", async () => {
  const deadlines = new Deadlines(1);
  const work = Promise.withResolvers<never>();
  await expect(deadlines.wait(() => work.promise, signal)).rejects.toMatchObject({ name: "TimeoutError" });
  // The test run fails at an unhandled rejection.
  work.reject(new Error("late"));
  await new Promise(setImmediate);
});

test("shares one listener between the calls of a signal, and removes it later", async () => {
  const deadlines = new Deadlines(60_000);
  const own = new AbortController();
  for (let calls = 0; calls < 20; calls += 1) await deadlines.wait(async () => calls, own.signal);
  expect(getEventListeners(own.signal, "abort")).toHaveLength(1);
  const listeners = () => getEventListeners(own.signal, "abort");
  await expect.poll(listeners, { timeout: 60_000 }).toHaveLength(0);
  const waiting = deadlines.wait(never, own.signal);
  own.abort("gone");
  await expect(waiting).rejects.toBe("gone");
});
