import { expect, test } from "vitest";

import { ConfigError } from "../../src/config/config.ts";
import { promptBudget } from "../../src/config/prompt-budget.ts";
import type { Content } from "../../src/domain/content.ts";

const model = { countTokens: (content: Content) => (typeof content === "string" ? content.length : 0) };

test("a fault of CONTEXT_TOKENS names the least that is enough, and one token less is too little", () => {
  const faultAt = (contextTokens: number): string => {
    try {
      promptBudget({ contextTokens }, model, "i".repeat(400));
      return "";
    } catch (error) {
      return error instanceof ConfigError ? error.message : String(error);
    }
  };
  const least = Number(/at least (?<least>\d+),/u.exec(faultAt(500))?.groups?.["least"]);
  expect(least).toBeGreaterThan(600);
  expect(faultAt(least)).toBe("");
  expect(faultAt(least - 1)).toContain(`CONTEXT_TOKENS: ${least - 1} is too little`);
});
