import { describe, expect, test } from "vitest";

import { markCut } from "../../../src/domain/cut-answer.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { openAgainBench, turnShown } from "../../support/core/again-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { againPress, stopped } from "../../support/core/inbounds.ts";
import type { RealBench } from "../../support/core/real-bench.ts";

/** Asks, and gets an answer that is cut at this text. */
async function openCut(text: string, more: readonly (string | Error)[], postChars = 1_000) {
  const bench = await openAgainBench([text, ...more], { platform: new FakePlatform({ postChars }) });
  bench.model.isCut = true;
  await bench.say("a", "count");
  bench.model.isCut = false;
  return bench;
}

const goOn = (bench: RealBench): Promise<void> => bench.take(againPress("continue", turnShown(bench)));

const buttons = ({ platform }: RealBench): readonly string[] =>
  platform.posts.flatMap(({ isDeleted, post }) =>
    isDeleted ? [] : (post.actions ?? []).flatMap(({ id }) => (id === "continue" ? [id] : [])),
  );

describe("Continue", () => {
  test("goes on where the answer was cut, as one answer in the same post", async () => {
    await using bench = await openCut("one two thr", ["three four", "later"]);
    expect(bench.platform.shown).toEqual([markCut("one two thr", "length")]);
    expect(buttons(bench)).toEqual(["continue"]);
    await goOn(bench);
    expect(bench.platform.shown).toEqual(["one two three four"]);
    expect(buttons(bench)).toEqual([]);
    const { messages = [] } = bench.model.prompts.at(-1) ?? {};
    expect(messages.map(({ role, text }) => [role, text])).toEqual([
      ["person", "Ada: count"],
      ["bot", "one two "],
      ["person", expect.stringContaining('It ends with: "one two "')],
    ]);
    await bench.say("b", "and?");
    expect(bench.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual([
      "Ada: count",
      "one two three four",
      "Ada: and?",
    ]);
    await bench.rest();
    expect((await bench.archived()).map(({ text }) => text)).toEqual([
      "count",
      "one two three four",
      "and?",
      "later",
    ]);
  });

  test("can be pressed again when the answer is cut again, and does nothing when it is whole", async () => {
    await using bench = await openCut("one tw", ["two thr", "three"]);
    bench.model.isCut = true;
    await goOn(bench);
    expect(bench.platform.shown).toEqual([markCut("one two thr", "length")]);
    bench.model.isCut = false;
    await goOn(bench);
    expect(bench.platform.shown).toEqual(["one two three"]);
    await goOn(bench);
    expect(bench.platform.shown).toEqual(["one two three"]);
    expect(bench.model.prompts).toHaveLength(3);
    expect(bench.platform.told).toEqual([]);
  });

  test("leaves the posts before the last one alone, and adds more behind them", async () => {
    const words = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, index) => `word${from + index}`).join(" ");
    await using bench = await openCut(words(10, 60), [words(59, 90)], 100);
    const before = bench.platform.posts.map(({ edits }) => edits);
    expect(before.length).toBeGreaterThan(3);
    await goOn(bench);
    expect(bench.platform.shown.join(" ")).toBe(words(10, 90));
    expect(bench.platform.shown.length).toBeGreaterThan(before.length);
    // The cut may have been a post of its own, or have shortened the one before it.
    const untouched = before.length - 2;
    expect(bench.platform.posts.map(({ edits }) => edits).slice(0, untouched)).toEqual(
      before.slice(0, untouched),
    );
    const last = bench.platform.posts.findLast(({ isDeleted }) => !isDeleted);
    expect(last?.post.actions?.some(({ id }) => id === "regenerate")).toBe(true);
  });

  test("leaves the cut answer and its button when it fails", async () => {
    await using bench = await openCut("one two thr", [new ModelError("refused", "No"), "three"]);
    await goOn(bench);
    expect(bench.platform.shown).toEqual([markCut("one two thr", "length")]);
    expect(bench.platform.told).toEqual([expect.stringContaining("The earlier answer stays as it was.")]);
    await goOn(bench);
    expect(bench.platform.shown).toEqual(["one two three"]);
  });

  test("keeps what was written so far when it is stopped", async () => {
    await using bench = await openCut("one two thr", []);
    bench.model.script = async function* () {
      yield "three four";
      await expect
        .poll(() => bench.platform.shown, { timeout: 60_000, interval: 1 })
        .toEqual(["one two three four"]);
      await bench.accept(stopped());
      yield " five";
    };
    await goOn(bench);
    await bench.settle();
    expect(bench.platform.shown).toEqual(["one two three four\n\n*(Stopped here.)*"]);
    expect((await bench.remembered())?.messages.at(-1)?.text).toBe(bench.platform.shown[0]);
  });
});
