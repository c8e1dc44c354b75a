import { describe, expect, test } from "vitest";

import { deleted, edited } from "../support/core/inbounds.ts";
import { openRealBench, sayInVain } from "../support/core/real-bench.ts";

const secret = "swordfish-4711";

/** A conversation in which a secret was said that could not be answered. */
async function openGivenUp() {
  const core = await openRealBench();
  await core.say("hello", "hello");
  await sayInVain(core, "poison", `poison ${secret}`);
  expect(JSON.stringify(await core.letters())).toContain(secret);
  return core;
}

describe("a message that was given up", () => {
  test("is kept no longer as it read before it was edited", async () => {
    await using core = await openGivenUp();
    await core.accept(edited("poison", "harmless"));
    await core.rest();
    expect(JSON.stringify(await core.letters())).not.toContain(secret);
  });

  test("leaves no byte when it is dropped and its person deletes it", async () => {
    await using core = await openGivenUp();
    await core.rest();
    for (const { reference } of await core.letters())
      expect(await core.stores.deadLetters.drop(reference, core.signal)).toBe(true);
    expect(await core.letters()).toEqual([]);
    await core.take(deleted("poison"));
    await core.rest();
    expect(core.kept()).not.toContain(secret);
  });
});
