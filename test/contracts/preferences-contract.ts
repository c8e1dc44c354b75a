import { expect, test } from "vitest";

import { defaultPreferences } from "../../src/domain/preferences.ts";
import type { PreferenceStore } from "../../src/ports/preferences.ts";

const { signal } = new AbortController();

/** The contract of people's preferences. The store begins empty. */
export function preferencesContract(
  open: () => Promise<{ readonly preferences: PreferenceStore } & AsyncDisposable>,
): void {
  test("changes one preference of a person on a platform, and leaves the others", async () => {
    await using opened = await open();
    const { find, change } = opened.preferences;
    expect(await find("fake", "T1:ada", signal)).toEqual(defaultPreferences);
    await change("fake", "T1:ada", { language: "de", atMs: 1_000 }, signal);
    await change("fake", "T1:ada", { length: "short", atMs: 1_001 }, signal);
    await change("fake", "T1:bob", { language: "ja", length: "detailed", atMs: 1_002 }, signal);
    expect(await find("fake", "T1:ada", signal)).toEqual({ language: "de", length: "short" });
    expect(await find("fake", "T1:bob", signal)).toEqual({ language: "ja", length: "detailed" });
    expect(await find("fake", "T2:ada", signal)).toEqual(defaultPreferences);
    expect(await find("other", "T1:ada", signal)).toEqual(defaultPreferences);
    await change("fake", "T1:ada", { language: "question", atMs: 1_003 }, signal);
    expect(await find("fake", "T1:ada", signal)).toEqual({ language: "question", length: "short" });
  });

  test("erases the preferences that a person chose before, and not those chosen since", async () => {
    await using opened = await open();
    const { find, change, drop } = opened.preferences;
    await change("fake", "ada", { language: "de", atMs: 1_000 }, signal);
    await change("fake", "bob", { language: "de", atMs: 1_000 }, signal);
    await drop("fake", "ada", 1_000, signal);
    expect(await find("fake", "ada", signal)).toMatchObject({ language: "de" });
    await drop("fake", "ada", 1_001, signal);
    await drop("fake", "ada", 1_001, signal);
    expect(await find("fake", "ada", signal)).toEqual(defaultPreferences);
    await change("fake", "ada", { language: "fr", atMs: 1_002 }, signal);
    await drop("fake", "ada", 1_001, signal);
    expect(await find("fake", "ada", signal)).toMatchObject({ language: "fr" });
    expect(await find("fake", "bob", signal)).toMatchObject({ language: "de" });
  });
}
