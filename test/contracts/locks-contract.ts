import { expect, test } from "vitest";

import type { Locks } from "../../src/ports/locks.ts";

/** The contract of locks. `open` returns one replica's view; all replicas share the locks. */
export function locksContract(open: () => Promise<{ readonly locks: Locks } & AsyncDisposable>): void {
  const { signal } = new AbortController();

  test("grants a lock once, and again after it is released", async () => {
    await using opened = await open();
    const lock = await opened.locks.tryLock("one", signal);
    expect(lock).toBeDefined();
    expect(await opened.locks.tryLock("one", signal)).toBeUndefined();
    await lock?.[Symbol.asyncDispose]();
    await using again = await opened.locks.tryLock("one", signal);
    expect(again).toBeDefined();
  });

  test("keeps locks of different names apart", async () => {
    await using opened = await open();
    await using one = await opened.locks.tryLock("one", signal);
    await using other = await opened.locks.tryLock("other", signal);
    expect([one, other]).not.toContain(undefined);
  });
}
