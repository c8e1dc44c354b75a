import { describe, expect, test } from "vitest";

import { allCommands } from "../../src/commands/all-commands.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";

async function opened(isOurPage: boolean): Promise<RealBench> {
  const bench = await openRealBench();
  if (isOurPage) bench.platform.isOurPage = true;
  await bench.order("forget", "this");
  await bench.say("a", "the key is under the mat");
  await bench.rest();
  return bench;
}

describe("on our own page, where one person reads and writes", () => {
  test("nothing is said of mentions, of other people, or of messages that stay in a chat", async () => {
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

  test("what is shared calls the reader You", async () => {
    await using bench = await opened(true);
    await bench.order("recall", "key share");
    expect(bench.platform.shown.at(-1)).toContain("- **You**, ");
  });

  test("elsewhere it is said how to call the bot, and what stays", async () => {
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

test("no line of the help says a thing twice", () => {
  const lines = allCommands.flatMap(({ definition: { description, options, text } }) =>
    [{ description }, ...options, text ?? { description: "" }].map((each) => each.description),
  );
  expect(lines.length).toBeGreaterThan(15);
  expect(lines.filter((line) => /(?<twice>[\w' ]{6,}), \k<twice>/u.test(line))).toEqual([]);
});
