import { expect, test } from "vitest";

import { ByteRoom } from "../../src/async/byte-room.ts";

const { signal } = new AbortController();

/** Whether it is settled after all that can run now has run. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(
    () => (done = true),
    () => (done = true),
  );
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  return done;
}

test("room is given in order, as far as there is some, and a small one does not overtake a large one", async () => {
  const room = new ByteRoom(10);
  const first = await room.take(6, signal);
  const second = await room.take(4, signal);
  const large = room.take(8, signal);
  const small = room.take(1, signal);
  second[Symbol.dispose]();
  expect([await isDone(large), await isDone(small)]).toEqual([false, false]);
  first[Symbol.dispose]();
  expect([await isDone(large), await isDone(small)]).toEqual([true, true]);
});

test("more than all of it is all of it", async () => {
  const room = new ByteRoom(10);
  const all = await room.take(1_000, signal);
  const next = room.take(1, signal);
  expect(await isDone(next)).toBe(false);
  all[Symbol.dispose]();
  expect(await isDone(next)).toBe(true);
});

test("one that gives up lets the next one in, and takes no room", async () => {
  const room = new ByteRoom(10);
  using _ = await room.take(6, signal);
  const giving = new AbortController();
  const large = room.take(8, giving.signal);
  const small = room.take(4, signal);
  expect(await isDone(small)).toBe(false);
  giving.abort(new Error("enough"));
  await expect(large).rejects.toThrow("enough");
  expect(await isDone(small)).toBe(true);
  await expect(room.take(1, giving.signal)).rejects.toThrow("enough");
});
