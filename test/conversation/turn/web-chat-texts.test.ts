import { describe, expect, test } from "vitest";

import { allCommands } from "../../../src/commands/all-commands.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

async function opened(isOurPage: boolean): Promise<RealBench> {
  const bench = await openRealBench();
  if (isOurPage) bench.platform.isOurPage = true;
  await bench.order("forget", "this");
  await bench.say("a", "the key is under the mat");
  await bench.rest();
  return bench;
}

describe("the bot's texts in the web chat, which one person reads", () => {
  test("name no mentions, no other people and no messages that stay elsewhere", async () => {
    await using bench = await opened(true);
    await bench.order("help");
    await bench.order("forget", "me");
    await bench.order("forget", "this");
    await bench.order("forget", "me yes");
    await bench.rest();
    const told = bench.platform.told.join("\n");
    expect(told).toContain("Just write");
    expect(told).toContain("There's nothing to delete here.");
    expect(told).toMatch(/Done\. I deleted \d+ of your messages/u);
    expect(told).not.toMatch(/mention|in the chat itself|channel/iu);
  });

  test("call the reader You in shared results", async () => {
    await using bench = await opened(true);
    await bench.order("recall", "key share");
    expect(bench.platform.shown.at(-1)).toContain("- **You**, ");
  });

  test("on other platforms say how to call the bot, and which messages stay", async () => {
    await using bench = await opened(false);
    await bench.order("help");
    await bench.order("forget", "me");
    expect(bench.platform.told.slice(0, 2)).toEqual([
      expect.stringContaining("mention me in it"),
      expect.stringContaining("Mention me"),
    ]);
    expect(bench.platform.told.at(-1)).toContain("in the chat itself stay");
    await bench.order("recall", "key share");
    expect(bench.platform.shown.at(-1)).not.toContain("**You**");
  });
});

describe("a conversation with a title from its person", () => {
  const here = "fake:room:1";
  const there = "fake:room:2";
  const name = "Zanzibar divorce papers";

  async function named(isOurPage: boolean): Promise<RealBench> {
    const bench = await opened(isOurPage);
    await bench.say("b", "the spare key too", { conversation: there });
    for (const each of [here, there] as const)
      await bench.ports.directory.rename(each, `${name}, ${each}`, bench.signal);
    await bench.rest();
    expect(bench.kept()).toContain(name);
    return bench;
  }

  const listedOn = async (bench: RealBench): Promise<readonly string[]> => {
    const listed = await bench.ports.directory.all("fake", "room", 9, bench.signal);
    return listed.map(({ conversation }) => conversation);
  };

  test("disappears from the web chat when the person is erased, and does not come back", async () => {
    await using bench = await named(true);
    await bench.order("forget", "me yes");
    await bench.rest();
    expect(await listedOn(bench)).toEqual([]);
    expect(bench.kept()).not.toContain(name);
    expect(bench.platform.told.at(-1)).toContain("Done.");
    // An order about what is empty lists it no more than one about what never was.
    for (const argument of ["this", "this yes"]) {
      await bench.order("forget", argument);
      expect(bench.platform.told.at(-1)).toBe("There's nothing to delete here.");
    }
    await bench.order("help");
    await bench.rest();
    expect(await listedOn(bench)).toEqual([]);
    // What is said there begins it again.
    await bench.say("c", "the lock is new");
    expect(await bench.ports.directory.all("fake", "room", 9, bench.signal)).toMatchObject([
      { conversation: here, title: "the lock is new" },
    ]);
  });

  test("keeps later messages, under a title made from them", async () => {
    await using bench = await named(true);
    await bench.order("forget", "me yes");
    await bench.say("c", "the lock is new");
    await bench.rest();
    expect(await bench.known()).toContain("the lock is new");
    expect(await bench.ports.directory.all("fake", "room", 9, bench.signal)).toMatchObject([
      { conversation: here, title: "the lock is new" },
    ]);
    expect(bench.kept()).not.toContain(name);
  });

  test("stays listed on other platforms, without the title", async () => {
    await using bench = await named(false);
    await bench.order("forget", "me yes");
    await bench.rest();
    expect(await listedOn(bench)).toHaveLength(2);
    expect(bench.kept()).not.toContain(name);
  });
});

test("erased questions are never answered again, wherever and whenever the erasure was requested", async () => {
  for (const isOurPage of [true, false]) {
    await using bench = await opened(isOurPage);
    await bench.order("forget", "this yes");
    for (const isFiled of [false, true]) {
      if (isFiled) await bench.rest();
      await bench.order("forget", "this");
      expect(bench.platform.told.at(-1)).toBe("There's nothing to delete here.");
    }
    await bench.say("b", "the key is in the shed");
    await bench.order("forget", "this");
    expect(bench.platform.told.at(-1)).toContain("permanently deletes");
  }
});

test.each([true, false])(
  "the help fits on one screen, and offers what is used most (our page: %s)",
  async (isOurPage) => {
    await using bench = await opened(isOurPage);
    await bench.order("help");
    const [help, ...more] = bench.platform.told.slice(1);
    expect(more).toEqual([]);
    const lines = help?.split("\n") ?? [];
    expect(lines.length).toBeLessThanOrEqual(15);
    expect(lines.slice(1).every((line) => line.length <= 100)).toBe(true);
    expect(
      bench.platform.offers.at(-1)?.choices.map(({ name, argument }) => `${name} ${argument}`.trim()),
    ).toEqual(["summary", "memory", "forget me"]);
  },
);

test("the help repeats no line", () => {
  const lines = allCommands.flatMap(({ definition: { description, options, text } }) =>
    [{ description }, ...options, text ?? { description: "" }].map((each) => each.description),
  );
  expect(lines.length).toBeGreaterThan(15);
  expect(lines.filter((line) => /(?<twice>[\w' ]{6,}), \k<twice>/u.test(line))).toEqual([]);
});
