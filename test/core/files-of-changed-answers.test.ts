import { describe, expect, test } from "vitest";

import { wholeIsInFile } from "../../src/conversation/reply/lay-out.ts";
import { ModelError } from "../../src/ports/model.ts";
import { PlatformError } from "../../src/ports/platform-error.ts";
import { FakePlatform, type FakeLimits } from "../support/core/fake-platform.ts";
import { aborted } from "../support/core/halting-world.ts";
import { deleted, pressed, stopped } from "../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";

const patiently = { timeout: 60_000, interval: 5 };

/** Longer than three posts. */
const long = (word: string): string =>
  Array.from({ length: 60 }, (_, at) => `Paragraph ${at} says ${word}.`).join("\n\n");

function openBench(given: FakeLimits, model: ScriptedModel): Promise<RealBench> {
  const platform = new FakePlatform({ postChars: 200, maxPosts: 3, carriesStop: true, ...given });
  return openRealBench({ platform, model, contextTokens: 16_000 });
}

function pressOn({ platform, clock }: RealBench, action: string) {
  const { post } = platform.posts.findLast(({ isDeleted }) => !isDeleted) ?? {};
  const { value: _, ...press } = pressed(action, "", clock.nowMs());
  return { ...press, on: post?.actions?.find(({ id }) => id === action)?.on ?? "none" };
}

const inCode = (word: string): string => `Look:\n\n\`\`\`py\n${`${word} = 1\n`.repeat(20)}\`\`\``;

/** What the files show that people see. */
const contents = ({ platform }: RealBench) => platform.shownFiles.map(({ content }) => content);

async function expectNothingLeft(bench: RealBench): Promise<void> {
  await bench.take(deleted("a"));
  expect([...bench.platform.shown, ...contents(bench)]).toEqual([]);
}

describe.each<readonly [string, FakeLimits]>([
  ["beside its posts", { sharesFiles: true }],
  ["in its posts", {}],
])("an answer with a file %s", (_, given) => {
  test("that is continued has one longer file in its place", async () => {
    const model = new ScriptedModel(async function* () {
      yield model.prompts.length === 1 ? `${long("heron")}\n\nAnd then ` : "then the end.";
    });
    model.isCut = true;
    await using bench = await openBench(given, model);
    await bench.say("a", "tell", { by: "ada" });
    expect(contents(bench)).toEqual([expect.stringContaining("And then\n\n*(I reached my length limit")]);
    expect(bench.platform.shown.at(-1)).toMatch(/Press Continue/u);
    model.isCut = false;
    await bench.take(pressOn(bench, "continue"));
    expect(contents(bench)).toEqual([`${long("heron")}\n\nAnd then the end.\n`]);
    expect(bench.platform.shown).toHaveLength(3);
    expect(bench.platform.shown.at(-1)?.endsWith(wholeIsInFile)).toBe(true);
    await expectNothingLeft(bench);
  });

  test("that is stopped while it grows has a file with what was written", async () => {
    const model = new ScriptedModel(async function* (_prompt, signal) {
      yield long("heron");
      await aborted(signal);
    });
    await using bench = await openBench(given, model);
    const { platform } = bench;
    const saying = bench.say("a", "tell", { by: "ada" });
    await expect.poll(() => platform.shown.at(-1) ?? "", patiently).toContain("The rest comes in a file");
    const [{ post } = {}] = platform.posts;
    await bench.accept(stopped({ turn: post?.turn ?? "none" }));
    await saying;
    await bench.settle();
    expect(contents(bench)).toEqual([`${long("heron")}\n\n*(Stopped here.)*\n`]);
    expect(platform.shown).toHaveLength(3);
    expect(platform.shown.at(-1)?.endsWith(`${wholeIsInFile}\n\n*(Stopped here.)*`)).toBe(true);
    await expectNothingLeft(bench);
  });

  test("that is regenerated leaves no byte of its file", async () => {
    const model = new ScriptedModel(async function* () {
      yield model.prompts.length === 1 ? long("swordfish") : long("kingfisher");
    });
    await using bench = await openBench(given, model);
    await bench.say("a", "tell", { by: "ada" });
    await bench.rest();
    expect(await bench.known()).toContain("swordfish");
    expect(bench.kept()).toContain("swordfish");
    await bench.take(pressOn(bench, "regenerate"));
    await bench.rest();
    expect(contents(bench)).toEqual([`${long("kingfisher")}\n`]);
    await bench.say("b", "and now?", { by: "ada" });
    const prompt = JSON.stringify(bench.model.prompts.at(-1));
    expect(prompt).toContain("kingfisher");
    const seen = JSON.stringify(bench.platform.posts.map(({ post }) => post));
    expect(prompt + seen + (await bench.known()) + bench.kept()).not.toContain("swordfish");
  });

  test("that is regenerated as a short one has no file", async () => {
    const model = new ScriptedModel(async function* () {
      yield model.prompts.length === 1 ? long("swordfish") : "Short.";
    });
    await using bench = await openBench(given, model);
    await bench.say("a", "tell", { by: "ada" });
    await bench.take(pressOn(bench, "regenerate"));
    expect([...bench.platform.shown, ...contents(bench)]).toEqual(["Short."]);
  });
});

describe("an answer whose file the platform did not take at first", () => {
  async function openRefused(model: ScriptedModel): Promise<RealBench> {
    const bench = await openBench({ sharesFiles: true, postChars: 1_000, codeChars: 100 }, model);
    const { platform } = bench;
    platform.beforeFiles = () => {
      throw new PlatformError("forbidden", "no files", { refusesFiles: true });
    };
    await bench.say("a", "tell", { by: "ada" });
    expect(platform.shown).toEqual([inCode("swordfish")]);
    platform.beforeFiles = () => undefined;
    return bench;
  }

  test("shows nothing of its old text when it is regenerated", async () => {
    const model = new ScriptedModel(async function* () {
      yield inCode(model.prompts.length === 1 ? "swordfish" : "kingfisher");
    });
    await using bench = await openRefused(model);
    await bench.take(pressOn(bench, "regenerate"));
    expect(bench.platform.shown).toEqual(["Look:\n\n(see main.py)"]);
    expect(contents(bench)).toEqual(["kingfisher = 1\n".repeat(20)]);
  });

  test("does not show it twice when it stays as it was", async () => {
    const model = new ScriptedModel(async function* () {
      if (model.prompts.length > 1) throw new ModelError("refused", "away");
      yield inCode("swordfish");
    });
    await using bench = await openRefused(model);
    await bench.take(pressOn(bench, "regenerate"));
    const seen = JSON.stringify([bench.platform.shown, contents(bench)]);
    expect(seen.split("swordfish = 1")).toHaveLength(21);
  });
});
