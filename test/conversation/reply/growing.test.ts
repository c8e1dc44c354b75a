import { describe, expect, test } from "vitest";

import { PlatformError, type PlatformErrorKind } from "../../../src/ports/platform-error.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };

/** Says one piece, and the rest when the test lets it. */
function pausingModel() {
  const gate = Promise.withResolvers<void>();
  const model = new ScriptedModel(async function* (_prompt, signal) {
    yield "The first half, ";
    const stopped = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => stopped.reject(signal.reason), { once: true });
    await Promise.race([gate.promise, stopped.promise]);
    for (const piece of ["and ", "the ", "second ", "one."]) {
      yield piece;
      await new Promise(setImmediate);
    }
  });
  return { model, goOn: gate.resolve };
}

/** Refuses the first writes, as many as are given. */
function refusingPlatform(kind: PlatformErrorKind, times: number) {
  const platform = new FakePlatform();
  let tries = 0;
  platform.before = (what) => {
    if (what !== "create") return;
    tries += 1;
    if (tries <= times) throw new PlatformError(kind, "no");
  };
  return { platform, tries: () => tries };
}

describe("a growing answer", () => {
  test.each(["unreachable", "rate-limited"] as const)(
    "shows its text when the platform is back, even while the model is silent: %s",
    async (kind) => {
      using folder = temporaryFolder();
      const { model, goOn } = pausingModel();
      const { platform } = refusingPlatform(kind, 3);
      await using core = await openCoreBench({ dataDir: folder.path, platform, model });
      await core.accept(said("a", "hello"));
      await expect.poll(() => platform.shown, patiently).toEqual(["The first half,"]);
      goOn();
      await core.whenIdle();
      expect(platform.shown).toEqual(["The first half, and the second one."]);
    },
  );

  test.each([
    ["begins with its first words", {}, ["The first half, "]],
    [
      "takes the place of an empty post, where a platform has a placeholder",
      { placeholder: "…" },
      ["", "The first half, "],
    ],
  ])("%s", async (_, limits, begins) => {
    using folder = temporaryFolder();
    const { model, goOn } = pausingModel();
    const platform = new FakePlatform(limits);
    const written: string[] = [];
    platform.before = (_what, post) => void written.push(post?.text ?? "deleted");
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await expect
      .poll(() => written.map((text) => text.trimEnd()), patiently)
      .toEqual(begins.map((text) => text.trimEnd()));
    goOn();
    await core.whenIdle();
    expect(platform.posts.map(({ post }) => post.text)).toEqual(["The first half, and the second one."]);
  });

  test("that never grows is complete all the same", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ growthMs: 3_600_000, placeholder: "…" });
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(platform.posts.map(({ post, edits }) => [post.text, edits])).toEqual([
      ["Answer to Ada: hello", 1],
    ]);
  });

  test("that waits to grow does not keep the process from ending, and the next process completes it", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ growthMs: 3_600_000, placeholder: "…" });
    const { model, goOn } = pausingModel();
    const memories = new FakeMemory();
    const first = await openCoreBench({ dataDir: folder.path, platform, model, memories });
    await first.accept(said("a", "hello"));
    await expect.poll(() => platform.shown, patiently).toEqual(["…"]);
    await first[Symbol.asyncDispose]();
    goOn();
    await using core = await openCoreBench({ dataDir: folder.path, platform, model, memories });
    await core.whenIdle();
    expect(platform.shown).toEqual(["The first half, and the second one."]);
  });

  test("is not retried before its end when the platform refuses permanently", async () => {
    using folder = temporaryFolder();
    const { model, goOn } = pausingModel();
    const { platform, tries } = refusingPlatform("forbidden", Infinity);
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await expect.poll(tries, patiently).toBe(1);
    goOn();
    await core.whenIdle();
    expect(tries()).toBe(2);
  });
});
