import { describe, expect, test } from "vitest";

import { parseTitle } from "../../../src/conversation/title/parse-title.ts";

describe("a model's answer to the title request", () => {
  test.each([
    ["Trip to Lisbon", "Trip to Lisbon"],
    ["  Trip to\tLisbon \n\n", "Trip to Lisbon"],
    ['"Trip to Lisbon."', "Trip to Lisbon"],
    ["**Trip to Lisbon**", "Trip to Lisbon"],
    ["# “Trip to Lisbon”", "Trip to Lisbon"],
    ["Title: **Trip to Lisbon**.", "Trip to Lisbon"],
    ["**Title:** Trip to Lisbon", "Trip to Lisbon"],
    ["- `Trip to Lisbon`", "Trip to Lisbon"],
    ["Was ist eine Monade?", "Was ist eine Monade?"],
    ["「リスボン旅行」。", "リスボン旅行"],
    ["رحلة إلى لشبونة", "رحلة إلى لشبونة"],
    ["می‌خواهم سفر کنم", "می‌خواهم سفر کنم"],
    ["Trip\u202E to Lisbon\u200B", "Trip to Lisbon"],
    ["Rock 'n' roll", "Rock 'n' roll"],
    ["C# and C++", "C# and C++"],
  ])("%j becomes %j", (answer, title) => {
    expect(parseTitle(answer)).toBe(title);
  });

  test.each([
    "",
    "   \n ",
    "...",
    "🙂",
    "Untitled",
    "New conversation",
    "Title:",
    "Here is a title:\nTrip to Lisbon",
    "Here's a title for you",
    "I'm sorry, but I can't help with that.",
    "Sure! Trip to Lisbon",
    "A title that goes on and on for much longer than anybody would read",
    "one two three four five six seven eight nine",
    `Trip ${"x".repeat(400)}`,
    '{"title": "Trip to Lisbon"}',
    '<tool_call>{"name": "recall"}</tool_call>',
    "<think>They want a trip</think>Trip",
    "recall(words: Lisbon)",
    'recall words="Lisbon"',
    "[Trip](https://evil.test)",
    "See https://evil.test now",
    "| Trip | Lisbon |",
    "Trip to Lisbon\n\n*(I reached my length limit here. Ask me to go on.)*",
  ])("%j gives no title", (answer) => {
    expect(parseTitle(answer)).toBeUndefined();
  });
});
