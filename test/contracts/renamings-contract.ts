import { expect, test } from "vitest";

import { maxRenamings, type Renamings } from "../../src/ports/renamings.ts";

/** The contract of renamings. Each `open` opens the same store, which begins empty. */
export function renamingsContract(
  openStore: () => {
    readonly open: () => Promise<{ readonly renamings: Renamings } & AsyncDisposable>;
  } & AsyncDisposable,
): void {
  const { signal } = new AbortController();

  test("returns a platform's renamings in their first order, also after a restart", async () => {
    await using store = openStore();
    {
      await using before = await store.open();
      const { add, all } = before.renamings;
      expect(await all("slack", signal)).toEqual([]);
      await add("slack", { before: "C1", after: "C2" }, signal);
      await add("slack", { before: "C2", after: "C3" }, signal);
      await add("slack", { before: "C1", after: "C2" }, signal);
      await add("other", { before: "C1", after: "C9" }, signal);
    }
    await using after = await store.open();
    expect(await after.renamings.all("slack", signal)).toEqual([
      { before: "C1", after: "C2" },
      { before: "C2", after: "C3" },
    ]);
  });

  test("drops the oldest when there are too many", async () => {
    await using store = openStore();
    await using opened = await store.open();
    for (let n = 0; n <= maxRenamings; n += 1)
      await opened.renamings.add("slack", { before: `C${n}`, after: `D${n}` }, signal);
    const all = await opened.renamings.all("slack", signal);
    expect(all).toHaveLength(maxRenamings);
    expect(all[0]).toEqual({ before: "C1", after: "D1" });
    expect(all.at(-1)).toEqual({ before: `C${maxRenamings}`, after: `D${maxRenamings}` });
  });
}
