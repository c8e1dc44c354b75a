import { expect, test } from "vitest";

import { runPrefix } from "../support/openai/prefix-run.ts";

test("over 200 turns, most of each prompt repeats the one before, so providers charge less for it", async () => {
  const { bot, sliding, longestPrompt } = await runPrefix({ turns: 200, contextTokens: 16_000 });
  expect(bot.cuts).toBeGreaterThan(2);
  expect(bot.mean).toBeGreaterThanOrEqual(0.9);
  expect(sliding.mean).toBeLessThan(0.6);
  expect(longestPrompt).toBeLessThanOrEqual(16_000);
});
