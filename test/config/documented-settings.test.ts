import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { settingNames } from "../../src/config/config.ts";

/** The names in the first group of each match, sorted. */
function namesIn(path: string, line: RegExp): readonly string[] {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  return sorted(Array.from(text.matchAll(line), ([, name = ""]) => name));
}

function sorted(names: readonly string[]): readonly string[] {
  return names.toSorted((one, other) => one.localeCompare(other));
}

test.each([
  ["docs/settings.md", /^\| `([A-Z_]+)`/gmu],
  [".env.example", /^#([A-Z_]+)=/gmu],
])("%s has one line for each setting", (path, line) => {
  expect(namesIn(path, line)).toEqual(sorted(settingNames));
});
