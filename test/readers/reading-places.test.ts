import { expect, test } from "vitest";

import { maxAtOnce, maxWaiting, maxWaitingBytes } from "../../src/readers/text/limits.ts";
import { ReadingPlaces } from "../../src/readers/reading-places.ts";

const signal = AbortSignal.timeout(600_000);

async function taken(places: ReadingPlaces): Promise<readonly (Disposable | undefined)[]> {
  return await Promise.all(Array.from({ length: maxAtOnce }, async () => await places.take(1, signal)));
}

test("few have a place at once, and the others get one in their order", async () => {
  const places = new ReadingPlaces();
  const first = await taken(places);
  const order: string[] = [];
  const waiting = ["one", "two"].map(async (name) => {
    using place = await places.take(1, signal);
    order.push(name);
    return place;
  });
  expect(order).toEqual([]);
  first[0]?.[Symbol.dispose]();
  await Promise.all(waiting);
  expect(order).toEqual(["one", "two"]);
});

test("one that leaves while it waits takes no place", async () => {
  const places = new ReadingPlaces();
  const [first] = await taken(places);
  const leaving = new AbortController();
  const left = places.take(1, leaving.signal);
  const next = places.take(1, signal);
  leaving.abort(new Error("enough"));
  await expect(left).rejects.toThrow("enough");
  first?.[Symbol.dispose]();
  expect(await next).toBeDefined();
  await expect(places.take(1, leaving.signal)).rejects.toThrow("enough");
});

test("no more wait than fit into memory", async () => {
  const places = new ReadingPlaces();
  const [first] = await taken(places);
  const ending = new AbortController();
  const large = places.take(maxWaitingBytes - maxWaiting, ending.signal);
  expect(await places.take(maxWaiting + 1, signal)).toBe(undefined);
  const small = Array.from({ length: maxWaiting - 1 }, async () => await places.take(1, ending.signal));
  expect(await places.take(1, signal)).toBe(undefined);
  ending.abort(new Error("enough"));
  await Promise.allSettled([large, ...small]);
  const again = places.take(maxWaitingBytes, signal);
  first?.[Symbol.dispose]();
  expect(await again).toBeDefined();
});
