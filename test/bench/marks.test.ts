import { expect, test } from "vitest";

import { answerChunks, lastAsked, marksIn, questionText } from "../../bench/compare/stand-in/marks.ts";

test("the last question of a prompt is found, behind older ones and before the tools", () => {
  const messages = [7, 8].map((number) => ({
    role: "user",
    content: questionText({ conversation: 12, number }),
  }));
  expect(lastAsked(JSON.stringify({ messages, tools: [{ name: "search" }] }))).toBe("bcxi");
  expect(lastAsked(JSON.stringify({ messages: [{ role: "user", content: "Summarize this." }] }))).toBe(
    undefined,
  );
});

test("an answer has about 220 characters in twelve chunks, and marks in the first and the last one", () => {
  const chunks = answerChunks("bcxi");
  expect(chunks).toHaveLength(12);
  expect(chunks.join("").length).toBeGreaterThan(170);
  expect(chunks.join("").length).toBeLessThan(230);
  expect(marksIn(chunks[0] ?? "")).toEqual([{ isEnd: false, key: "bcxi" }]);
  expect(marksIn(chunks.slice(1, -1).join(""))).toEqual([]);
  expect(marksIn(chunks.at(-1) ?? "")).toEqual([{ isEnd: true, key: "bcxi" }]);
});

test("marks are found in a form and in JSON, once each", () => {
  const text = answerChunks("dxa").join("");
  const both = [
    { isEnd: false, key: "dxa" },
    { isEnd: true, key: "dxa" },
  ];
  expect(marksIn(new URLSearchParams({ text, blocks: JSON.stringify([{ text }]) }).toString())).toEqual(both);
  expect(marksIn(JSON.stringify({ text }))).toEqual(both);
});
