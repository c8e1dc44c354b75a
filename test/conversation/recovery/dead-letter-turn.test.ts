import { describe, expect, test } from "vitest";

import { quoteFound } from "../../../src/conversation/recall/quote-found.ts";
import { deleted, edited } from "../../support/core/inbounds.ts";
import { openRealBench, sayInVain } from "../../support/core/real-bench.ts";

const secret = "swordfish-4711";

/** A conversation in which a secret was said that could not be answered. */
async function openGivenUp() {
  const core = await openRealBench();
  await core.say("hello", "hello");
  await sayInVain(core, "poison", `poison ${secret}`);
  expect(JSON.stringify(await core.letters())).toContain(secret);
  return core;
}

describe("a dead-lettered message", () => {
  test("loses its old text when it is edited", async () => {
    await using core = await openGivenUp();
    await core.accept(edited("poison", "harmless"));
    await core.rest();
    expect(JSON.stringify(await core.letters())).not.toContain(secret);
  });

  test("is answered in place of its apology when it is retried, and remembered as usual", async () => {
    await using core = await openGivenUp();
    await core.say("later", "something else");
    await core.rest();
    const [letter] = await core.letters();
    const reference = letter?.reference ?? "";
    const retry = (): Promise<boolean> =>
      core.stores.deadLetters.retry(reference, core.clock.nowMs(), core.signal);
    expect(await retry()).toBe(true);
    expect(await retry()).toBe(false);
    await core.schedule("fake:room:1");
    expect(core.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual([
      "Ada: hello",
      "Answer to Ada: hello",
      `Ada: poison ${secret}`,
    ]);
    expect(core.platform.shown).toEqual([
      "Answer to Ada: hello",
      `Answer to Ada: poison ${secret}`,
      "Answer to Ada: something else",
    ]);
    await core.say("last", "and now?");
    expect(core.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual([
      "Ada: hello",
      "Answer to Ada: hello",
      `Ada: poison ${secret}`,
      `Answer to Ada: poison ${secret}`,
      "Ada: something else",
      "Answer to Ada: something else",
      "Ada: and now?",
    ]);
    await core.rest();
    expect((await core.archived()).map(({ role }) => role)).not.toContain("notice");
    expect(await core.letters()).toEqual([]);
  });

  test("leaves no byte when it is dropped and its author deletes it", async () => {
    await using core = await openGivenUp();
    await core.rest();
    for (const { reference } of await core.letters())
      expect(await core.stores.deadLetters.drop(reference, core.signal)).toBe(true);
    expect(await core.letters()).toEqual([]);
    await core.take(deleted("poison"));
    await core.rest();
    expect(core.kept()).not.toContain(secret);
  });

  test("is hidden from the model in the archive too: after a restore, and in searches", async () => {
    await using core = await openGivenUp();
    await core.file();
    const archived = await core.archived();
    expect(archived).toContainEqual(expect.objectContaining({ id: "poison", isGivenUp: true }));
    const gaps = { places: 0, conversations: 0, older: false, unindexed: false };
    const quoted = quoteFound({ found: archived, gaps }, "UTC", () => 1);
    expect(quoted).toContain("hello");
    expect(quoted).not.toContain(secret);
    await core.take(edited("poison", "harmless"));
    await core.file();
    expect(JSON.stringify(await core.archived())).not.toContain("isGivenUp");
  });
});
