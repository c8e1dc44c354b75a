import { describe, expect, test } from "vitest";

import type { Right } from "../../../src/domain/rights.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const secret = "swordfish-4711";

/** Ada and Bob have written; Eve has not. */
async function openShared(platform = new FakePlatform()): Promise<RealBench> {
  const bench = await openRealBench({ platform });
  await bench.say("a", `my code is ${secret}`);
  await bench.say("b", "and mine is another", { by: "bob" });
  await bench.file();
  return bench;
}

const run = (
  bench: RealBench,
  by: string,
  [name = "", ...words]: readonly string[],
  rights?: readonly Right[],
) =>
  bench.take({
    ...command(name, words.join(" "), { by, saidAtMs: bench.clock.nowMs() }),
    ...(rights === undefined ? {} : { rights }),
  });

const everything = (bench: RealBench): string =>
  JSON.stringify([bench.platform.told, bench.platform.shown.slice(2)]);

describe("a command", () => {
  test.each([["export"], ["summary"], ["memory"], ["recall", "code"]])(
    "that shows messages is refused without the right to read: %s %s",
    async (...words) => {
      await using bench = await openShared();
      await run(bench, "eve", words, ["write"]);
      expect(bench.platform.told).toEqual([expect.stringContaining("can't read the message history")]);
      expect(everything(bench)).not.toContain(secret);
      expect(bench.model.prompts).toHaveLength(2);
    },
  );

  test.each([
    ["summary", "share"],
    ["recall", "share", "code"],
    ["reset", "yes"],
    ["forget", "this", "yes"],
  ])(
    "that shows or changes something for everyone is refused without the right to write: %s %s",
    async (...words) => {
      await using bench = await openShared();
      await run(bench, "ada", words, ["read"]);
      expect(bench.platform.told).toEqual([expect.stringContaining("can't post here")]);
      expect(bench.platform.shown).toHaveLength(2);
      expect((await bench.remembered())?.chapter).toBe(1);
    },
  );

  test.each([
    ["reset", "yes"],
    ["reset", "undo"],
    ["forget", "this", "yes"],
    ["memory", "remove 1"],
  ])(
    "that affects other people's messages is refused to people who have not written there: %s %s",
    async (...words) => {
      await using bench = await openShared();
      await run(bench, "eve", words, ["read", "write"]);
      await run(bench, "eve", words);
      const refused = expect.stringContaining("Only people who have written in this conversation");
      expect(bench.platform.told).toEqual([refused, refused]);
      expect((await bench.remembered())?.chapter).toBe(1);
    },
  );

  test("that affects other people's messages is allowed for moderators", async () => {
    await using bench = await openShared();
    await run(bench, "eve", ["reset", "yes"], ["read", "write", "moderate"]);
    expect((await bench.remembered())?.chapter).toBe(2);
  });

  test("about one's own messages needs no rights", async () => {
    await using bench = await openShared();
    await run(bench, "ada", ["help"], []);
    await run(bench, "ada", ["forget", "me", "yes"], []);
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("is refused while the platform can't check the person's rights", async () => {
    const platform: FakePlatform & Pick<Platform, "hasRight"> = Object.assign(new FakePlatform(), {
      hasRight: async () => {
        throw new PlatformError("unreachable", "away");
      },
    });
    await using bench = await openShared(platform);
    await run(bench, "ada", ["export"]);
    expect(platform.told).toEqual([expect.stringContaining("can't check right now")]);
  });

  test("is logged with the id of its author", async () => {
    await using bench = await openShared();
    await run(bench, "ada", ["reset", "yes"]);
    expect(bench.log.lines).toContainEqual(
      expect.objectContaining({
        message: "command finished",
        facts: expect.objectContaining({ command: "reset", by: "ada", changes: "changed" }),
      }),
    );
  });
});

test("a refused reset leaves the question before it to be answered", async () => {
  const model = new ScriptedModel();
  await using bench = await openRealBench({ model });
  await bench.say("a", "hello");
  await bench.accept(said("b", "what is open?", { saidAtMs: bench.clock.nowMs() }));
  await bench.accept({ ...command("reset", "yes", { by: "eve" }), rights: ["read", "write"] });
  await bench.settle();
  expect(model.prompts.at(-1)?.messages.at(-1)?.text).toContain("what is open?");
  expect(bench.platform.shown).toHaveLength(2);
});

describe("in a place where the bot may not post", () => {
  async function openMute(): Promise<RealBench> {
    const platform = new FakePlatform();
    const bench = await openShared(platform);
    platform.before = (what) => {
      if (what !== "tell") throw new PlatformError("forbidden", "Missing Permissions");
    };
    return bench;
  }

  test.each([
    ["reset", "yes"],
    ["forget", "this", "yes"],
  ])("a command that must be announced changes nothing: %s %s", async (...words) => {
    await using bench = await openMute();
    await run(bench, "ada", words);
    expect(bench.platform.told).toEqual([expect.stringContaining("I've changed nothing")]);
    expect((await bench.remembered())?.chapter).toBe(1);
    expect((await bench.find("code")).map(({ id }) => id)).toContain("a");
    await run(bench, "ada", ["recall", "code"]);
    expect(bench.platform.told.at(-1)).toContain(secret);
  });

  test("a shared answer goes to the asker alone", async () => {
    await using bench = await openMute();
    await run(bench, "ada", ["summary", "share"]);
    expect(bench.platform.told).toEqual([expect.stringContaining("only you see this")]);
  });
});
