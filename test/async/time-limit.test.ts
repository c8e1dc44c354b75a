import { setTimeout } from "node:timers/promises";

import { expect, test } from "vitest";

import { withDeadline } from "../../src/async/deadline.ts";
import { TimeLimit } from "../../src/async/time-limit.ts";

test("fires as AbortSignal.timeout does", async () => {
  using limit = new TimeLimit(1);
  const platform = AbortSignal.timeout(1);
  await expect.poll(() => limit.signal.aborted && platform.aborted).toBe(true);
  expect(String(limit.signal.reason)).toBe(String(platform.reason));
  expect(limit.signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("never fires once it is disposed of", async () => {
  const outer = new AbortController();
  const limit = new TimeLimit(1, outer.signal);
  limit[Symbol.dispose]();
  outer.abort();
  await setTimeout(20);
  expect(limit.signal.aborted).toBe(false);
});

test.each([
  ["before", (outer: AbortController) => outer.abort("gone")],
  ["after", (outer: AbortController) => queueMicrotask(() => outer.abort("gone"))],
])("fires with the reason of the outer signal that fires %s it is made", async (_name, abort) => {
  const outer = new AbortController();
  abort(outer);
  using limit = new TimeLimit(60_000, outer.signal);
  await expect.poll(() => limit.signal.aborted).toBe(true);
  expect(limit.signal.reason).toBe("gone");
});

test("a deadline ends the wait, and notifies the work through its signal", async () => {
  let inner: AbortSignal | undefined;
  const work = async (signal: AbortSignal): Promise<never> => {
    inner = signal;
    return new Promise(() => undefined);
  };
  const waiting = withDeadline(work, 5, new AbortController().signal);
  await expect(waiting).rejects.toMatchObject({ name: "TimeoutError" });
  expect(inner?.aborted).toBe(true);
});
