import { expect, test } from "vitest";

import { recall } from "../../../src/commands/recall.ts";
import { parseArgument } from "../../../src/conversation/command/parse-argument.ts";

test.each([
  ["share a plan", "a plan"],
  ["vitamin e share", "vitamin e"],
  ["share are you sure", "are you sure"],
  ["SHARE\n two  words\nSHARE", "two  words"],
  ["shared plans", "shared plans"],
])("the argument of a command stays as it was typed: %j", (typed, words) => {
  expect(parseArgument(recall.definition, typed)?.text).toBe(words);
});

test("a single option is no argument text", () => {
  expect(parseArgument(recall.definition, "share")).toBeUndefined();
});
