import { getEventListeners } from "node:events";

import { expect, test } from "vitest";

import { JoinedSignal } from "../../src/async/joined-signal.ts";

const two = (): readonly [AbortController, AbortController] => [new AbortController(), new AbortController()];

test.each([0, 1])("fires at once with the reason of signal %i when that fires", (index) => {
  const outer = two();
  using joined = new JoinedSignal(...outer.map(({ signal }) => signal));
  expect(joined.signal.aborted).toBe(false);
  outer[index]?.abort("gone");
  expect(joined.signal).toMatchObject({ aborted: true, reason: "gone" });
});

test("has fired from the start when one of the others has", () => {
  const [one, other] = two();
  other.abort("gone");
  using joined = new JoinedSignal(one.signal, other.signal);
  expect(joined.signal).toMatchObject({ aborted: true, reason: "gone" });
});

test("keeps the reason of what fires first", () => {
  const [one, other] = two();
  using joined = new JoinedSignal(one.signal, other.signal);
  joined.abort("hurried");
  one.abort("gone");
  other.abort("later");
  expect(joined.signal.reason).toBe("hurried");
  expect(one.signal.reason).toBe("gone");
});

test("leaves nothing on the others when it is disposed of, and never fires after that", () => {
  const [one, other] = two();
  const joined = new JoinedSignal(one.signal, other.signal);
  joined[Symbol.dispose]();
  for (const { signal } of [one, other]) expect(getEventListeners(signal, "abort")).toHaveLength(0);
  one.abort();
  expect(joined.signal.aborted).toBe(false);
});
