import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { settingNames } from "../../src/config/config.ts";
import { settingsIn, type Setting } from "../../src/domain/setting.ts";
import { placeSettings } from "../../src/domain/turn-settings.ts";

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** The names in the first group of each match, sorted. */
function namesIn(path: string, line: RegExp): readonly string[] {
  return sorted(Array.from(read(path).matchAll(line), ([, name = ""]) => name));
}

function sorted(names: readonly string[]): readonly string[] {
  return names.toSorted((one, other) => one.localeCompare(other));
}

/** The cells of the table rows that begin with a setting, by its name. */
function rowsOf(path: string): ReadonlyMap<string, readonly string[]> {
  const rows = read(path)
    .split("\n")
    .filter((line) => /^\| `[A-Z_]+` /u.test(line));
  return new Map(
    rows.map((row) => {
      const [, name = "", ...cells] = row.split("|").map((cell) => cell.trim());
      return [name.replaceAll("`", ""), cells.slice(0, -1)];
    }),
  );
}

/** What a document says of the allowed values. Undefined: any text. */
function allowedIn(setting: Setting): string | undefined {
  if (setting.kind === "text") return undefined;
  if (setting.kind === "word") return setting.words.map((word) => `\`${word}\``).join(", ");
  return [setting.least, setting.most].map((each) => each.toLocaleString("en-US")).join(" to ");
}

test.each([
  ["docs/settings.md", /^\| `([A-Z_]+)`/gmu],
  [".env.example", /^#([A-Z_]+)=/gmu],
])("%s has one line for each setting", (path, line) => {
  expect(namesIn(path, line)).toEqual(sorted(settingNames));
});

describe("the documents state for each setting that may differ between places", () => {
  test.each(settingsIn(placeSettings).map((setting) => [setting.name, setting] as const))(
    "%s: the default and what is allowed",
    (name, setting) => {
      const [fallback, ...more] = rowsOf("docs/settings.md").get(name) ?? [];
      expect(fallback).toBe(setting.fallback === "" ? "" : `\`${setting.fallback}\``);
      // Any text, and the limits, which have no column for it, are told in words.
      const [allowed] = setting.kind === "text" || name.startsWith("LIMIT_") ? [undefined] : more;
      expect(allowed).toBe(name.startsWith("LIMIT_") ? undefined : allowedIn(setting));
      expect(read(".env.example").split("\n")).toContain(`#${name}=${setting.fallback}`);
    },
  );
});

test("README.md and docs/settings.md state the same defaults", () => {
  const [few, all] = [rowsOf("README.md"), rowsOf("docs/settings.md")];
  expect(few.size).toBeGreaterThan(5);
  for (const [name, [fallback]] of few) expect([name, all.get(name)?.[0]]).toEqual([name, fallback]);
});
