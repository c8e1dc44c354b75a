import { expect, test } from "vitest";

import { requestText } from "../../src/conversation/text/approval-messages.ts";
import { shownText } from "../../src/domain/shown-text.ts";

const says = [
  "read https://example.com/a",
  "look up www.example.com",
  "search for R&D",
  "run a | b",
  "delete *",
];

test.each(says)("people see all of what they are asked to approve: %s", (what) => {
  const text = requestText({ says: what });
  expect(shownText({ text, state: "writing", isLine: true })).toBe(text);
});

test("an address at the end of a growing text waits for its end", () => {
  expect(shownText({ text: "See https://example.com/a", state: "writing" })).toBe("See");
});
