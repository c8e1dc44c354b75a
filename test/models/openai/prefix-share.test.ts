import fc from "fast-check";
import { expect, test } from "vitest";

import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { commonPrefix, promptTokensOf, sharedPrefixShare } from "../../support/openai/prefix-share.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";

/** Tokens that stand nowhere else. */
const tokens = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

test("a prompt that begins with the one before repeats everything but its new part", () => {
  const first = tokens("a", 1_524);
  const second = [...first, ...tokens("b", 500)];
  expect(sharedPrefixShare([first, second])).toEqual({ mean: 0.5, overall: 0.5, prompts: 1, cuts: 0 });
});

test("a cut repeats nothing, and counts like every other prompt in the mean", () => {
  const first = tokens("a", 2_024);
  const longer = [...first, ...tokens("b", 1_000)];
  const cut = tokens("c", 1_524);
  const share = sharedPrefixShare([first, longer, cut]);
  expect(share).toEqual({ mean: 0.25, overall: 1_000 / 2_500, prompts: 2, cuts: 1 });
});

test("the first 1,024 tokens are not counted", () => {
  const same = tokens("a", 1_024);
  expect(sharedPrefixShare([same, same])).toEqual({ mean: 0, overall: 0, prompts: 0, cuts: 0 });
  const other = [...tokens("x", 1), ...same.slice(1), ...tokens("b", 100)];
  expect(sharedPrefixShare([other, [...other, "c"]]).mean).toBeCloseTo(100 / 101);
  expect(
    sharedPrefixShare([
      [...same, "b"],
      [...same, "c"],
    ]),
  ).toMatchObject({ mean: 0, prompts: 1, cuts: 1 });
});

test("a single prompt has no share", () => {
  const nothing = { mean: 0, overall: 0, prompts: 0, cuts: 0 };
  expect(sharedPrefixShare([])).toEqual(nothing);
  expect(sharedPrefixShare([tokens("a", 5_000)])).toEqual(nothing);
});

test("the common prefix is as long as it can be", () => {
  const list = fc.array(fc.integer({ min: 0, max: 2 }));
  fc.assert(
    fc.property(list, list, list, (same, one, other) => {
      const [a, b] = [
        [...same, ...one],
        [...same, ...other],
      ];
      const length = commonPrefix(a, b);
      expect(length).toBeGreaterThanOrEqual(same.length);
      expect(a.slice(0, length)).toEqual(b.slice(0, length));
      const isOver = length === Math.min(a.length, b.length);
      expect(isOver || a[length] !== b[length]).toBe(true);
    }),
  );
});

test.each(apis)("the tokens of a prompt are in the order of the cache over %s", async (api) => {
  await using standIn = await startOpenAiStandIn();
  const { model } = openModel(standIn, { api });
  const parameters = { type: "object", properties: {}, required: [], additionalProperties: false };
  const asked = { ...prompt, tools: [{ name: "recall", description: "Looks up.", parameters }] };
  const more = {
    ...asked,
    messages: [...asked.messages, { role: "bot", content: "<|endoftext|> 🧵" } as const],
  };
  for (const each of [asked, more, { ...more, tools: [] }, { ...more, instructions: "Be other." }]) {
    await hear(model, AbortSignal.timeout(600_000), each);
  }
  const [first = [], longer = [], toolless = [], other = []] = standIn.requests.map(promptTokensOf);
  expect(commonPrefix(first, longer)).toBe(first.length);
  expect(longer.length).toBeGreaterThan(first.length);
  // "Be kind and brief." is five tokens; the tools come right after it.
  expect(commonPrefix(longer, toolless)).toBeGreaterThanOrEqual(5);
  expect(commonPrefix(longer, toolless)).toBeLessThan(9);
  expect(commonPrefix(longer, other)).toBe(1);
});
