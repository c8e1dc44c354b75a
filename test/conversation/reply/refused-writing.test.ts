import { describe, expect, test } from "vitest";

import { PlatformError } from "../../../src/ports/platform-error.ts";
import type { Post } from "../../../src/domain/post.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const down = () => new PlatformError("unreachable", "503");

/** A core that is given a platform, and that has heard "hello" and answered. */
async function openGreeted(platform: FakePlatform, model = new ScriptedModel()) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const core = opened.use(await openCoreBench({ dataDir: folder.path, platform, model }));
  await core.accept(said("a", "hello"));
  await core.whenIdle();
  return { ...core, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Fails the first so many of one kind of call. */
function failFirst(
  platform: FakePlatform,
  times: number,
  isMeant: (what: string, post?: Post) => boolean,
): () => number {
  let calls = 0;
  platform.before = (what, post) => {
    if (!isMeant(what, post)) return;
    calls += 1;
    if (calls <= times) throw down();
  };
  return () => calls;
}

describe("a platform that is unreachable for longer than the retries of one attempt", () => {
  test("gets the private answer to a command afterwards", async () => {
    const platform = new FakePlatform();
    await using core = await openGreeted(platform);
    failFirst(platform, 6, (what) => what === "tell");
    await core.accept(command("help", "", { saidAtMs: core.clock.nowMs() }));
    await core.whenIdle();
    expect(platform.told.join()).toContain("/summary");
  });

  test("stops making a private answer after some minutes", async () => {
    const platform = new FakePlatform();
    await using core = await openGreeted(platform);
    failFirst(platform, Infinity, (what) => what === "tell");
    await core.accept(command("summary", "", { saidAtMs: core.clock.nowMs() }));
    await core.whenIdle();
    expect(platform.told).toEqual([]);
    expect(core.model.prompts.length).toBeLessThan(30);
  });

  test("gets all posts of a public answer afterwards", async () => {
    const platform = new FakePlatform({ postChars: 200 });
    const model = new ScriptedModel(async function* () {
      yield "one two three. ".repeat(30);
    });
    await using core = await openGreeted(platform, model);
    const before = platform.shown.length;
    failFirst(platform, 6, (what, post) => what === "create" && post?.part === 1);
    await core.accept(command("summary", "share"));
    await core.whenIdle();
    expect(platform.shown.length - before).toBe(before);
    expect(core.model.prompts).toHaveLength(2);
  });

  test("gets the apology for a dead-lettered message", async () => {
    const platform = new FakePlatform({ placeholder: "_Thinking…_" });
    const model = new ScriptedModel(async function* () {
      yield* [];
      throw new TypeError("a bug of ours");
    });
    failFirst(
      platform,
      6,
      (what, post) => what === "edit" && post?.text.includes("couldn't answer") === true,
    );
    await using core = await openGreeted(platform, model);
    expect(core.platform.shown).toEqual([expect.stringContaining("Reference")]);
  });

  test("gets the receipt of an erasure", async () => {
    const platform = new FakePlatform();
    await using core = await openGreeted(platform);
    await core.accept(command("forget", "me yes"));
    await expect.poll(() => platform.told.length, patiently).toBe(1);
    failFirst(platform, 2, (what) => what === "tell");
    await expect.poll(() => platform.told.join(), patiently).toContain("Done.");
  });
});

describe("a platform that refuses", () => {
  test("the content of an answer: the person reads a notice instead, and the answer is not remembered", async () => {
    const platform = new FakePlatform({ placeholder: "_Thinking…_" });
    platform.before = (_what, post) => {
      if (post?.text.includes("Answer") === true) throw new PlatformError("rejected", "blocked");
    };
    await using core = await openGreeted(platform);
    const [reference] = /(?<=Reference: )\w+/u.exec(platform.shown.join()) ?? [];
    expect(platform.shown).toEqual([expect.stringContaining("rejected here")]);
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", facts: expect.objectContaining({ reference }) }),
    );
    await core.accept(said("b", "and now?"));
    await core.whenIdle();
    expect(core.model.prompts.at(-1)?.messages.map(({ text }) => text)).not.toContain("Answer to Ada: hello");
  });

  test("to delete the post of a removed question: the next question is answered", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    platform.before = (what) => {
      if (what === "delete") throw new PlatformError("forbidden", "cant_delete_message");
    };
    const model = new ScriptedModel(async function* (prompt, signal) {
      yield "So far";
      if (prompt.messages.at(-1)?.text.includes("first") === true)
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "first"));
    await expect.poll(() => platform.shown, patiently).toEqual(["So far"]);
    await core.accept(deleted("a"));
    await core.whenIdle();
    await core.accept(said("b", "second"));
    await core.whenIdle();
    expect(platform.finished).toEqual(["So far"]);
    expect(core.log.lines.map(({ message }) => message)).toContain(
      "could not delete a reply; delete it by hand",
    );
  });
});

describe("a reset that was announced", () => {
  test("is completed, by the next process too", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    const memories = new FakeMemory();
    {
      await using core = await openCoreBench({ dataDir: folder.path, platform, memories });
      for (const [id, by] of [
        ["a", "ada"],
        ["b", "bob"],
      ] as const) {
        await core.accept(said(id, "the secret is quince", { by }));
        await core.whenIdle();
      }
      const posting = Promise.withResolvers<void>();
      platform.before = async (what) => {
        if (what !== "create") return;
        posting.resolve();
        throw down();
      };
      await core.accept(command("reset", "yes"));
      await posting.promise;
    }
    platform.before = () => undefined;
    await using core = await openCoreBench({ dataDir: folder.path, platform, memories });
    await core.whenIdle();
    expect(platform.shown.filter((text) => text.startsWith("Fresh start"))).toHaveLength(1);
    await core.accept(said("c", "what is the secret?"));
    await core.whenIdle();
    expect(JSON.stringify(core.model.prompts.at(-1)?.messages)).not.toContain("quince");
  });
});

describe("a reset without effect", () => {
  test.each([
    ["only asks back", ""],
    ["finds nothing to undo", "undo"],
    ["is not understood", "everything"],
  ])("because it %s does not affect the running answer", async (_, argument) => {
    const gate = Promise.withResolvers<void>();
    const model = new ScriptedModel(async function* (prompt, signal) {
      yield "An answer";
      if (prompt.messages.at(-1)?.text.includes("Bob's question") !== true) return;
      await Promise.race([
        gate.promise,
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      ]);
      yield " to Bob, whole";
    });
    await using core = await openGreeted(new FakePlatform(), model);
    await core.accept(said("b", "Bob's question", { by: "bob" }));
    await expect.poll(() => model.prompts.length, patiently).toBe(2);
    await core.accept(command("reset", argument));
    gate.resolve();
    await core.whenIdle();
    expect(core.platform.shown).toContain("An answer to Bob, whole");
    expect(core.platform.told).toHaveLength(1);
    expect(core.memories.records.get("fake:room:1")?.chapter).toBe(1);
  });
});

test("a day that does not exist does not mean the whole conversation", async () => {
  await using core = await openGreeted(new FakePlatform());
  await core.accept(command("summary", "2026-13-45"));
  await core.whenIdle();
  expect(core.platform.told).toEqual(["There's no such day: 2026-13-45."]);
  expect(core.model.prompts).toHaveLength(1);
});
