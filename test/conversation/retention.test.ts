import { describe, expect, test } from "vitest";

import { openRealBench, sayInVain } from "../support/core/real-bench.ts";
import { SeededPlatform } from "../support/core/seeded-platform.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const secret = "swordfish-4711";

describe("what has been kept for as long as the operator wants", () => {
  test("goes from memory too, also what grows old later on a day on which something else did", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    await core.say("morning", "first words");
    core.clock.pass(5 * hourMs);
    await core.say("afternoon", `my secret is ${secret}`);
    await core.file();
    const expire = async (): Promise<void> => {
      await core.expire();
      await core.settle();
      await core.file();
    };
    core.clock.pass(30 * dayMs - 4 * hourMs);
    await expire();
    expect(await core.holds("morning")).toBe(false);
    expect(await core.holds("afternoon")).toBe(true);
    core.clock.pass(4 * hourMs);
    await expire();
    expect(await core.archived()).toEqual([]);
    expect(JSON.stringify(await core.remembered())).not.toContain(secret);
  });

  test("is not read again from before the bot was called", async () => {
    const platform = new SeededPlatform(`old ${secret}`, Date.now() - 400 * dayMs);
    await using core = await openRealBench({ platform, retentionDays: 30 });
    await core.expire();
    await core.say("a", "hello");
    await core.file();
    await core.expire();
    await core.say("b", "hello again");
    expect(JSON.stringify(core.model.prompts.at(-1))).not.toContain(secret);
    expect(await core.known()).not.toContain(secret);
  });

  test("goes as the title of its conversation, whose talk is younger", async () => {
    await using core = await openRealBench({ retentionDays: 30, contextTokens: 300 });
    await core.say("first", `${secret} is my title`);
    core.clock.pass(dayMs);
    await core.chat(60);
    expect(await core.holds("first")).toBe(false);
    core.clock.pass(29 * dayMs + hourMs);
    await core.say("last", "fresh");
    await core.file();
    await core.expire();
    await core.settle();
    expect((await core.archived()).map(({ id }) => id)).not.toContain("first");
    const listed = await core.stores.directory.recent("fake", "room", 10, core.signal);
    expect(listed).toHaveLength(1);
    expect(JSON.stringify(listed)).not.toContain(secret);
  });

  test("goes where it was given up", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    await core.say("hello", "hello");
    await sayInVain(core, "poison", `poison ${secret}`);
    await core.file();
    core.clock.pass(40 * dayMs);
    await core.expire();
    await core.settle();
    expect(await core.archived()).toEqual([]);
    expect(await core.letters()).toEqual([]);
  });
});
