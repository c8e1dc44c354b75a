import { expect, test } from "vitest";

// The page's own module: a browser has no types.
const file = new URL("../../../src/platforms/web/page/composer/nearest-name.js", import.meta.url).href;
const {
  nearestName,
}: { readonly nearestName: (name: string, names: readonly string[]) => string | undefined } = await import(
  file
);

const names = ["help", "memory", "forget", "reset", "summary", "ask"];

test.each([
  ["forg", "forget"],
  ["resetnow", "reset"],
  ["rest", "reset"],
  ["sumary", "summary"],
  ["summarry", "summary"],
  ["fogret", "forget"],
  ["h\u0435lp", "help"],
  ["asl", "ask"],
  ["shrug", undefined],
  ["alpha", undefined],
  ["f", undefined],
  ["all", undefined],
])("a person who types /%s means %s", (typed, meant) => {
  expect(nearestName(typed, names)).toBe(meant);
});
