import { describe, expect, test } from "vitest";

import { commandOfPress, valueOfChoice, type Choice } from "../../../src/domain/offer.ts";
import { pressed, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

const secret = "swordfish-4711";

function buttonsIn({ platform }: RealBench): readonly string[] {
  return platform.offers.at(-1)?.choices.map(({ label }) => label) ?? [];
}

/** Presses a button under the last private line. */
async function press(bench: RealBench, label: string): Promise<void> {
  const offer = bench.platform.offers.at(-1);
  const choice = offer?.choices.find((each) => each.label === label);
  if (offer === undefined || choice === undefined) throw new Error(`There is no button ${label}`);
  const value = valueOfChoice(choice, offer.atMs);
  await bench.take(pressed("give-command", value, bench.clock.nowMs()));
}

async function openAfter(...commands: readonly [name: string, argument?: string][]): Promise<RealBench> {
  const bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  for (const [name, argument] of commands) await bench.order(name, argument);
  return bench;
}

describe("buttons under a private line", () => {
  test("lead from a bare /forget through its choices to the erasure", async () => {
    await using bench = await openAfter(["forget"]);
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
    await using bench = await openAfter(["reset"]);
    expect(buttonsIn(bench)).toEqual(["Undo"]);
    expect((await bench.remembered())?.chapter).toBe(2);
    await press(bench, "Undo");
    expect(bench.platform.told.at(-1)).toBe("Undone. I remember everything again.");
    await bench.say("b", "what is my code?");
    expect(JSON.stringify(bench.model.prompts.at(-1))).toContain(secret);
  });

  test("close the question with Cancel: a later yes is an ordinary message", async () => {
    await using bench = await openAfter(["forget", "this"]);
    await press(bench, "Cancel");
    expect(bench.platform.told.at(-1)).toBe("Okay. Nothing has changed.");
    await bench.take(said("c", "yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.rest();
    expect(await bench.known()).toContain(secret);
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("suggest the command that a mistyped one is close to", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    await bench.take(said("b", "forgett this", { saidAtMs: bench.clock.nowMs() }));
    expect(buttonsIn(bench)).toEqual(["Yes, forget this", "Cancel"]);
    expect(bench.model.prompts).toHaveLength(1);
  });

  test("can't be typed as commands", async () => {
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
])("a button that is %i ms old, for %j, runs %j", (ageMs, argument, wanted) => {
  const choice: Choice = { label: "", name: "forget", argument };
  expect(commandOfPress(valueOfChoice(choice, 5), 5 + ageMs)).toEqual({ name: "forget", argument: wanted });
});

test.each([
  { action: "of-another-version", value: "1 forget this yes" },
  { action: "give-command", value: "forget this yes" },
])("a press of $action with $value changes nothing, and delays nothing", async ({ action, value }) => {
  await using bench = await openAfter();
  await bench.take(pressed(action, value, bench.clock.nowMs()));
  await bench.rest();
  expect(await bench.known()).toContain(secret);
  await bench.say("b", "what is my code?");
  expect(JSON.stringify(bench.model.prompts.at(-1))).toContain(secret);
});

test.each<[value: string, wanted: object | undefined]>([
  ["summary", { name: "summary", argument: "" }],
  ["recall the  roof", { name: "recall", argument: "the  roof" }],
  // It was not offered in the last hour.
  ["forget this yes", { name: "forget", argument: "this" }],
  ["forget YES\nthis\tYes ", { name: "forget", argument: "this" }],
  ["8640000000000000 forget  this yes ", { name: "forget", argument: "this yes" }],
  ["5 reset ", { name: "reset", argument: "" }],
  ["5 ", undefined],
  ["", undefined],
  // A name is logged, so it can't be a text.
  ["my-code-is-swordfish-4711-and-more summary", undefined],
  ["résumé", undefined],
])("a button labelled %j gives %j", (value, wanted) => {
  expect(commandOfPress(value, Date.now())).toEqual(wanted);
});
