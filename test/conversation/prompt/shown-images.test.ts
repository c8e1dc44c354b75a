import { expect, test } from "vitest";

import { ShownImages } from "../../../src/conversation/prompt/shown-images.ts";
import type { Model } from "../../../src/ports/model.ts";

test("an answer without images is the model's own, and its prompt shows none", () => {
  const answer: Model["answer"] = async function* () {};
  const images = new ShownImages([], { countTokens: () => 1 });
  expect(images.shownTo({ answer }).answer).toBe(answer);
  const { tokens, of } = images.fit(1_000);
  expect([tokens, of({ id: "message" })]).toEqual([0, []]);
  expect(images.notShown([{ id: "message" }])).toEqual([]);
});
