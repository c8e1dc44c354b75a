import { expect, test } from "vitest";

import type { Presence } from "../../src/ports/presence.ts";

/** The contract of presence. Each `open` opens the same store, which begins empty. */
export function presenceContract(
  openStore: () => {
    readonly open: () => Promise<{ readonly presence: Presence } & AsyncDisposable>;
  } & AsyncDisposable,
): void {
  const { signal } = new AbortController();

  test("knows no presence before the first mark", async () => {
    await using store = openStore();
    await using opened = await store.open();
    expect(await opened.presence.last(signal)).toBeUndefined();
  });

  test("returns the last mark, even if the clock was set back", async () => {
    await using store = openStore();
    await using opened = await store.open();
    for (const atMs of [1_000, 1_795_000_000_000, 2_000]) {
      await opened.presence.mark(atMs, signal);
      expect(await opened.presence.last(signal)).toBe(atMs);
    }
  });

  test("returns the last mark after a restart", async () => {
    await using store = openStore();
    {
      await using before = await store.open();
      await before.presence.mark(7_000, signal);
    }
    await using after = await store.open();
    expect(await after.presence.last(signal)).toBe(7_000);
  });
}
