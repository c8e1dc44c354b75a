import { randomBytes } from "node:crypto";

import { expect, test } from "vitest";

import type { Installation } from "../../src/domain/installation.ts";
import type { Installations } from "../../src/ports/installations.ts";
import { StoreError } from "../../src/ports/store-error.ts";
import type { SecretKeys } from "../../src/storage/records/sealed-installation.ts";

const { signal } = new AbortController();
const token = "xoxb-very-secret-token";

function installation(id: string, platform = "slack"): Installation {
  return {
    platform,
    id,
    token: `${token}-${id}`,
    account: { url: "https://acme.slack.com/" },
    installedAtMs: 1,
  };
}

interface Opened extends AsyncDisposable {
  readonly installations: Installations;
  /** Everything that the store holds of installations, as it is stored. */
  readonly stored: () => Promise<string>;
  /** Puts the record of one installation in the place of another. */
  readonly copy: (from: string, to: string) => Promise<void>;
}

/** The contract of installations. Each `open` opens the same store, which begins empty. */
export function installationsContract(
  openStore: () => { readonly open: (keys: SecretKeys) => Promise<Opened> } & AsyncDisposable,
): void {
  const [older, newer] = [randomBytes(32), randomBytes(32)];

  test("are found by platform and id, listed without their tokens, replaced and removed", async () => {
    await using store = openStore();
    {
      await using opened = await store.open([newer]);
      const { put, find, list, remove } = opened.installations;
      expect(await list("slack", signal)).toEqual([]);
      expect(await find("slack", "T1", signal)).toBe(undefined);
      for (const id of ["T2", "T1", "T3"]) await put(installation(id), signal);
      await put(installation("T1", "other"), signal);
      await put({ ...installation("T2"), token: "xoxb-new" }, signal);
      expect(await remove("slack", "T3", signal)).toBe(true);
      expect(await remove("slack", "T3", signal)).toBe(false);
    }
    await using after = await store.open([newer]);
    const { find, list } = after.installations;
    expect(await list("slack", signal)).toEqual([
      { id: "T1", isReadable: true },
      { id: "T2", isReadable: true },
    ]);
    expect(await find("slack", "T1", signal)).toEqual(installation("T1"));
    expect(await find("slack", "T2", signal)).toEqual({ ...installation("T2"), token: "xoxb-new" });
    expect(await find("other", "T1", signal)).toEqual(installation("T1", "other"));
    expect(await find("slack", "T3", signal)).toBe(undefined);
  });

  test("are sealed: the stored bytes contain neither token nor account", async () => {
    await using store = openStore();
    await using opened = await store.open([newer]);
    for (const id of ["T1", "T2"]) await opened.installations.put(installation(id), signal);
    const stored = await opened.stored();
    expect(stored).toContain("T1");
    expect(stored).not.toMatch(/secret|acme/u);
    const [one, other] = [...stored.matchAll(/1\.([0-9a-f]{16})\.([A-Za-z0-9+/=]{40,})/gu)];
    expect(one?.[1]).toBe(other?.[1]);
    expect(one?.[2]?.slice(0, 16)).not.toBe(other?.[2]?.slice(0, 16));
  });

  test("open with any of the keys, and are sealed with the first", async () => {
    await using store = openStore();
    await using before = await store.open([older]);
    await before.installations.put(installation("T1"), signal);
    await using changing = await store.open([newer, older]);
    expect(await changing.installations.find("slack", "T1", signal)).toEqual(installation("T1"));
    await changing.installations.put(installation("T2"), signal);
    await using after = await store.open([newer]);
    expect(await after.installations.find("slack", "T2", signal)).toEqual(installation("T2"));
    expect(await after.installations.list("slack", signal)).toEqual([
      { id: "T1", isReadable: false },
      { id: "T2", isReadable: true },
    ]);
    await expect(after.installations.find("slack", "T1", signal)).rejects.toThrow(StoreError);
  });

  test("are not stored without a key, and not opened in another one's place", async () => {
    await using store = openStore();
    await using keyless = await store.open([]);
    await expect(keyless.installations.put(installation("T1"), signal)).rejects.toThrow("SECRET_KEY");
    await using opened = await store.open([newer]);
    for (const id of ["T1", "T2"]) await opened.installations.put(installation(id), signal);
    await opened.copy("T1", "T2");
    await expect(opened.installations.find("slack", "T2", signal)).rejects.toThrow(StoreError);
    expect(await opened.installations.find("slack", "T1", signal)).toEqual(installation("T1"));
  });
}
