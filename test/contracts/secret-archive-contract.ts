import { expect, test } from "vitest";

import type { SecretArchive } from "../../src/ports/secret-archive.ts";

const { signal } = new AbortController();

/** The contract of an archive's secrets. */
export function secretArchiveContract(open: () => Promise<SecretArchive & AsyncDisposable>): void {
  test("keeps each secret as first stored, under its name", async () => {
    await using archive = await open();
    expect(await archive.keepSecret("one", "first", signal)).toBe("first");
    expect(await archive.keepSecret("one", "second", signal)).toBe("first");
    expect(await archive.keepSecret("other", "second", signal)).toBe("second");
  });

  test("returns the same secret to all concurrent callers", async () => {
    await using archive = await open();
    const made = ["one", "two", "three"];
    const kept = await Promise.all(made.map((each) => archive.keepSecret("name", each, signal)));
    expect(made).toContain(kept[0]);
    expect(new Set(kept).size).toBe(1);
  });
}
