import { describe, expect, test } from "vitest";

import {
  beginningOf,
  continueAnswer,
  joinContinuation,
} from "../../../src/conversation/text/continue-answer.ts";
import { isCutAnswer, markCut, withoutCutMark } from "../../../src/domain/cut-answer.ts";
import { replyActions } from "../../../src/domain/reply-actions.ts";

describe("an answer that goes on", () => {
  test.each([
    ["the last word is torn, so it is written again", "one two thr", "three four", "one two three four"],
    ["text without spaces goes on where it ends", "漢字漢字", "漢字", "漢字漢字漢字"],
    ["a line of code keeps its indentation", "```\nif x:\n", "x:\n  then", "```\nif x:\n  then"],
    ["a space is not doubled", "one two thr", " three", "one two three"],
    ["a new paragraph needs no space", "one two thr", "\n\nthree", "one two\n\nthree"],
  ])("%s", (_, written, more, whole) => {
    expect(joinContinuation(beginningOf(written), more)).toBe(whole);
    expect(continueAnswer(markCut(written, "length"), more)).toBe(whole);
  });

  test("a long word at the end is not searched for its beginning", () => {
    const written = `one ${"x".repeat(100)}`;
    expect(beginningOf(written)).toBe(written);
  });

  test("keeps the sources and notes of both parts behind it, each link once", () => {
    const old = `${markCut("one tw", "length")}\n\n*Sources:* A · B\n\n*(I don't know if this was done. Please check: x.)*`;
    expect(isCutAnswer(old)).toBe(true);
    expect(continueAnswer(old, "two\n\n*Sources:* B · C")).toBe(
      "one two\n\n*Sources:* A · B · C\n\n*(I don't know if this was done. Please check: x.)*",
    );
    const again = continueAnswer(old, `${markCut("two thr", "time")}\n\n*Sources:* C`);
    expect(isCutAnswer(again)).toBe(true);
    expect(withoutCutMark(again)).toBe("one two thr");
  });

  test("ends at the longest answer, and can't be continued then", () => {
    const whole = continueAnswer(markCut("a".repeat(150_000), "length"), "b".repeat(60_000));
    expect(withoutCutMark(whole)).toHaveLength(200_000);
    const reply = { role: "bot", text: whole, turnId: "t", answers: ["q"] } as const;
    expect(replyActions(reply).map(({ id }) => id)).not.toContain("continue");
  });

  test("is recognised by the lines of older versions, and by nothing else", () => {
    expect(isCutAnswer("Half\n\n*(I reached my length limit here. Ask me to go on.)*")).toBe(true);
    expect(isCutAnswer(`${markCut("Half", "length")} and more`)).toBe(false);
  });
});
