import { describe, expect, test } from "vitest";

import { orderOf, type Choice } from "../../../src/domain/offer.ts";
import { said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

const secret = "swordfish-4711";

function buttonsIn({ platform }: RealBench): readonly string[] {
  return platform.offers.at(-1)?.choices.map(({ label }) => label) ?? [];
}

/** Presses a button under the last line, as a platform tells of it. */
async function press(bench: RealBench, label: string): Promise<void> {
  const choice = bench.platform.offers.at(-1)?.choices.find((each) => each.label === label);
  if (choice === undefined) throw new Error(`There is no button ${label}`);
  await bench.order(choice.name, choice.argument);
}

async function told(...orders: readonly [name: string, argument?: string][]): Promise<RealBench> {
  const bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  for (const [name, argument] of orders) await bench.order(name, argument);
  return bench;
}

describe("buttons under what the asker is told", () => {
  test("lead from a bare order to what it can be, and to its end", async () => {
    await using bench = await told(["forget"]);
    expect(buttonsIn(bench)).toEqual(["Everything I said, everywhere", "This conversation", "Cancel"]);
    await press(bench, "This conversation");
    expect(buttonsIn(bench)).toEqual(["Delete for good", "Cancel"]);
    expect(bench.platform.offers.at(-1)?.choices.map(({ isDangerous }) => isDangerous)).toEqual([
      true,
      undefined,
    ]);
    expect(await bench.known()).toContain(secret);
    await press(bench, "Delete for good");
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("undo a reset", async () => {
    await using bench = await told(["reset"]);
    expect(buttonsIn(bench)).toEqual(["Undo"]);
    expect((await bench.remembered())?.chapter).toBe(2);
    await press(bench, "Undo");
    expect(bench.platform.told.at(-1)).toBe("Undone. I remember everything again.");
    await bench.say("b", "what is my code?");
    expect(JSON.stringify(bench.model.prompts.at(-1))).toContain(secret);
  });

  test("that do nothing close the question: a later yes is talk", async () => {
    await using bench = await told(["forget", "this"]);
    await press(bench, "Cancel");
    expect(bench.platform.told.at(-1)).toBe("Okay. Nothing has changed.");
    await bench.take(said("c", "yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.rest();
    expect(await bench.known()).toContain(secret);
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("ask what a mistyped order was meant to be", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    await bench.take(said("b", "forgett this", { saidAtMs: bench.clock.nowMs() }));
    expect(buttonsIn(bench)).toEqual(["Yes, forget this", "Cancel"]);
    expect(bench.model.prompts).toHaveLength(1);
  });

  test("are nothing that can be written", async () => {
    await using bench = await openRealBench();
    await bench.take(said("a", "cancel", { addressing: "mention", saidAtMs: bench.clock.nowMs() }));
    expect(bench.model.prompts).toHaveLength(1);
  });
});

test.each<[age: number, argument: string, wanted: string]>([
  [0, "this yes", "this yes"],
  [60 * 60_000, "yes", "yes"],
  [60 * 60_000 + 1, "me yes", "me"],
  [60 * 60_000 + 1, "undo", "undo"],
])("a button of %i ms ago for %j gives %j", (ageMs, argument, wanted) => {
  const choice: Choice = { label: "", name: "forget", argument };
  expect(orderOf(choice, 5, 5 + ageMs)).toEqual({ name: "forget", argument: wanted });
});
