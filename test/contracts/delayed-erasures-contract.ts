import { expect, test } from "vitest";

import type { DelayedErasure, DelayedErasures } from "../../src/ports/delayed-erasures.ts";

const { signal } = new AbortController();

function erasure(room: string, more: Partial<DelayedErasure> = {}): DelayedErasure {
  const conversation = `fake:room:${room}` as const;
  const when = { beforeOrdinal: 5, orderedAtMs: 1, untilMs: 1_000 };
  return { conversation, platform: "fake", place: "room", ...when, ...more };
}

/** The contract of delayed erasures. The store begins empty. */
export function delayedErasuresContract(
  open: () => Promise<{ readonly delayedErasures: DelayedErasures } & AsyncDisposable>,
): void {
  test("returns those that are due, the oldest first, until they are dropped", async () => {
    await using opened = await open();
    const { delayedErasures } = opened;
    const [one, two, three] = [
      erasure("1"),
      erasure("2", { untilMs: 500 }),
      erasure("3", { untilMs: 2_000 }),
    ];
    for (const each of [one, two, three]) await delayedErasures.put(each, signal);
    expect(await delayedErasures.due(499, 10, signal)).toEqual([]);
    expect(await delayedErasures.due(1_000, 10, signal)).toEqual([two, one]);
    expect(await delayedErasures.due(1_000, 1, signal)).toEqual([two]);
    await delayedErasures.drop(two.conversation, signal);
    await delayedErasures.drop(two.conversation, signal);
    expect(await delayedErasures.due(5_000, 10, signal)).toEqual([one, three]);
  });

  test("returns the bounds of conversations, and replaces an earlier erasure", async () => {
    await using opened = await open();
    const { delayedErasures } = opened;
    await delayedErasures.put(erasure("1"), signal);
    await delayedErasures.put(erasure("1", { beforeOrdinal: 9, untilMs: 3_000 }), signal);
    const asked = ["fake:room:1", "fake:room:2", "fake:room:1"] as const;
    expect(await delayedErasures.cutoffs(asked, signal)).toEqual(new Map([["fake:room:1", 9]]));
    expect(await delayedErasures.cutoffs([], signal)).toEqual(new Map());
    expect(await delayedErasures.due(2_999, 10, signal)).toEqual([]);
  });
}
