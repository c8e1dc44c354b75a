import { describe, expect, test } from "vitest";

import { ModelError, type ModelErrorKind } from "../../../src/ports/model.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, edited, said, stopped } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const line = /^I can't reach my language model right now\. I'll answer here as soon as it's back\./u;

/** A model that is away until the test says otherwise; `before` is written of the answer first. */
function awayModel(kind: ModelErrorKind = "unreachable", before = "", retryAfterMs = 0) {
  const model = new ScriptedModel();
  const { script } = model;
  model.script = async function* () {
    if (before !== "") yield before;
    throw new ModelError(kind, "away", { retryAfterMs });
  };
  return { model, comeBack: () => void (model.script = script) };
}

function referenceOf(shown: string | undefined): string | undefined {
  return /\(Reference: (?<it>\w+)\)/u.exec(shown ?? "")?.groups?.["it"];
}

describe("while the model is unreachable", () => {
  test.each([
    ["can't be reached", "unreachable", ""],
    ["is overloaded", "rate-limited", ""],
    ["falls silent", "stalled", "Well"],
    ["breaks off", "cut-off", "Well"],
  ] as const)("because it %s, one line stands in place of the answer", async (_, kind, before) => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel(kind, before);
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    const reference = referenceOf(core.platform.shown[0]);
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", facts: expect.objectContaining({ reference, kind }) }),
    );
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(core.platform.posts).toHaveLength(1);
    expect(core.model.prompts.at(-1)?.messages).toEqual([{ role: "person", text: "Ada: hello" }]);
  });

  test("it is called repeatedly without counting attempts, and the line is posted once", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => model.prompts.length, patiently).toBeGreaterThan(7);
    expect(core.platform.posts).toMatchObject([{ edits: 0 }]);
    const waits = core.log.lines.filter(({ message }) => message === "a turn failed and will be tried again");
    expect(new Set(waits.map(({ facts }) => facts["reference"]))).toEqual(
      new Set([referenceOf(core.platform.shown[0])]),
    );
    expect(waits.filter(({ level }) => level === "error")).toHaveLength(1);
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
  });

  test("the pauses grow, and are at least as long as the provider asks", async () => {
    using folder = temporaryFolder();
    const { model } = awayModel("rate-limited", "", 1_500_000);
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    const notBeforeMs = Number(
      core.database.prepare("SELECT not_before_ms FROM conversation").get()?.["not_before_ms"],
    );
    const waitMs = notBeforeMs - core.clock.nowMs();
    expect(waitMs).toBeGreaterThan(1_000_000);
    expect(waitMs).toBeLessThan(2_000_000);
  });

  test("a wait beyond the time limit of an answer leads to the apology at once", async () => {
    using folder = temporaryFolder();
    const { model } = awayModel("rate-limited", "", 4_000_000);
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(core.platform.shown).toEqual([expect.stringMatching(/busy right now.*try again/u)]);
    expect(model.prompts).toHaveLength(1);
  });

  test("the apology replaces the line once the question is too old", async () => {
    using folder = temporaryFolder();
    const { model } = awayModel();
    // One second: the clock of the bench is hasty.
    await using core = await openCoreBench({ dataDir: folder.path, model, answerWithinMs: 100_000 });
    const written: string[] = [];
    core.platform.before = (_what, post) => void written.push(post?.text ?? "");
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(written).toContainEqual(expect.stringMatching(line));
    expect(core.platform.shown).toEqual([expect.stringMatching(/Please try again in a few minutes/u)]);
    expect(core.platform.posts).toHaveLength(1);
    expect(model.prompts.length).toBeGreaterThan(1);
    expect([...core.memories.records.values()][0]?.messages.map(({ role }) => role)).toEqual([
      "person",
      "notice",
    ]);
  });

  test("a permanent error leads to the apology at once", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path, model: awayModel("bad-key").model });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(core.platform.shown).toEqual([expect.stringContaining("rejects my key")]);
  });

  test("a new process waits with the same line, and answers in its place", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ placeholder: "…" });
    const memories = new FakeMemory();
    {
      await using before = await openCoreBench({
        dataDir: folder.path,
        platform,
        memories,
        model: awayModel().model,
      });
      await before.accept(said("a", "hello"));
      await expect.poll(() => platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    }
    const { model, comeBack } = awayModel();
    const edits = platform.posts[0]?.edits;
    const shown = platform.shown;
    await using after = await openCoreBench({ dataDir: folder.path, platform, memories, model });
    await expect.poll(() => model.prompts.length, patiently).toBeGreaterThan(2);
    expect(platform.shown).toEqual(shown);
    expect(platform.posts).toMatchObject([{ edits }]);
    comeBack();
    await after.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(platform.posts).toHaveLength(1);
  });

  test("a line whose creation was not confirmed is found, not posted again", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    let losses = 1;
    platform.afterCreate = () => {
      losses -= 1;
      if (losses >= 0) throw new PlatformError("unreachable", "no answer");
    };
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => model.prompts.length, patiently).toBeGreaterThan(3);
    expect(platform.posts).toHaveLength(1);
    comeBack();
    await core.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(platform.posts).toHaveLength(1);
  });

  test("an answer over several posts is replaced by the line", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ postChars: 100 });
    const gate = Promise.withResolvers<void>();
    const model = new ScriptedModel(async function* () {
      yield "many words ".repeat(30);
      await gate.promise;
      throw new ModelError("cut-off", "cut");
    });
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => platform.shown.length, patiently).toBeGreaterThan(2);
    gate.resolve();
    model.script = async function* () {
      yield* [];
      throw new ModelError("unreachable", "away");
    };
    await expect.poll(() => platform.shown, patiently).toEqual([expect.stringMatching(line)]);
  });

  test("an edited question is answered with its new text when the model is back", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "capital of Austria?"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    await core.accept(edited("a", "capital of Australia?"));
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: capital of Australia?"]);
    expect(core.platform.posts).toHaveLength(1);
  });

  test.each([
    ["its question is deleted", () => deleted("a")],
    ["the conversation is reset", () => command("reset")],
  ])("the line is removed when %s", async (_, what) => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path, model: awayModel().model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    await core.accept(what());
    await core.whenIdle();
    expect(core.platform.shown).toEqual([]);
  });

  test("Stop ends the wait at once", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path, model: awayModel().model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    await core.accept(stopped());
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["*(Stopped.)*"]);
  });

  test("later messages get no second line, and share the answer to the first question", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    await core.accept(said("b", "anybody there?"));
    await expect.poll(() => model.prompts.at(-1)?.messages.length, patiently).toBe(2);
    expect(core.platform.posts).toHaveLength(1);
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: anybody there?"]);
  });

  test("an answer that breaks off again is replaced by the line again", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    const { shown } = core.platform;
    let times = 0;
    model.script = async function* () {
      yield "Well";
      await expect.poll(() => core.platform.shown, patiently).toEqual(["Well"]);
      times += 1;
      throw new ModelError("stalled", "silent");
    };
    // Each attempt asks a second time for what broke off.
    await expect.poll(() => times, patiently).toBe(2);
    await expect.poll(() => core.platform.shown, patiently).toEqual(shown);
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(core.platform.posts).toHaveLength(1);
  });

  test("a process that lost its claim does not affect the new one", async () => {
    using folder = temporaryFolder();
    const gate = Promise.withResolvers<void>();
    const model = new ScriptedModel();
    const { script } = model;
    model.script = async function* () {
      yield* [];
      await gate.promise;
      model.script = script;
      throw new ModelError("unreachable", "away");
    };
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => model.prompts.length, patiently).toBe(1);
    const { lease } = await core.journal.claim("fake:room:1", "w");
    gate.resolve();
    await core.whenIdle();
    expect(core.log.lines.map(({ message }) => message)).not.toContain(
      "a turn failed and will be tried again",
    );
    await expect(core.journal.assertCurrent(lease)).rejects.toThrow("claimed the conversation");
  });

  test("a command that needs the model is answered with the apology at once", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    comeBack();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "we ship on Friday"));
    await core.whenIdle();
    core.model.script = awayModel().model.script;
    await core.accept(command("summary"));
    await core.whenIdle();
    expect(core.platform.told).toEqual([expect.stringMatching(/Please try again in a few minutes/u)]);
  });

  test("a command behind a waiting question runs in order, and its author is told once", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    await core.accept(command("summary"));
    await expect
      .poll(() => core.platform.told, patiently)
      .toEqual([expect.stringMatching(/language model right now\. I'll run `\/summary`/u)]);
    const asked = model.prompts.length;
    await expect.poll(() => model.prompts.length, patiently).toBeGreaterThan(asked + 2);
    expect(core.platform.told).toHaveLength(1);
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(core.platform.told).toHaveLength(2);
  });

  test("the line names the current outage when memory fails too", async () => {
    using folder = temporaryFolder();
    const { model, comeBack } = awayModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    core.memories.isDown = true;
    await expect
      .poll(() => core.platform.shown, patiently)
      .toEqual([expect.stringContaining("can't reach my memory")]);
    core.memories.isDown = false;
    await expect.poll(() => core.platform.shown, patiently).toEqual([expect.stringMatching(line)]);
    comeBack();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(core.platform.posts).toHaveLength(1);
  });
});

describe("while memory is unreachable", () => {
  test.each([true, false])(
    "askers are told alone, as nobody knows whether it is muted: %s",
    async (isMuted) => {
      using folder = temporaryFolder();
      const memories = new FakeMemory();
      await using core = await openCoreBench({ dataDir: folder.path, memories });
      const { platform } = core;
      await core.accept(said("a", "hello"));
      await core.whenIdle();
      if (isMuted) await core.accept(command("mute"));
      await core.whenIdle();
      const before = platform.told.length;
      memories.isDown = true;
      await core.accept(said("b", "Are you there?"));
      await core.accept(said("c", "Hello?"));
      await expect.poll(() => platform.told.slice(before), patiently).not.toEqual([]);
      await core.accept(said("d", "And me?", { by: "grace" }));
      await expect.poll(() => platform.told.slice(before).length, patiently).toBe(2);
      // Ada was told, so only Heidi is.
      await core.accept(said("e", "Anybody?"));
      await core.accept(said("f", "Hm", { by: "heidi" }));
      await expect.poll(() => platform.told.slice(before).length, patiently).toBeGreaterThan(2);
      expect(platform.told.slice(before)).toHaveLength(3);
      for (const told of platform.told.slice(before))
        expect(told).toMatch(
          /^I can't reach my memory right now\. I'll answer your message as soon as it's back\./u,
        );
      expect(platform.posts).toHaveLength(1);
      memories.isDown = false;
      await core.whenIdle();
      expect(platform.posts).toHaveLength(isMuted ? 1 : 2);
    },
  );

  test("the author of a command is told once that it will run, and it does", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    memories.isDown = true;
    await using core = await openCoreBench({ dataDir: folder.path, memories });
    await core.accept(command("reset"));
    await expect
      .poll(() => core.platform.told, patiently)
      .toEqual([expect.stringMatching(/memory right now\. I'll run `\/reset`/u)]);
    memories.isDown = false;
    await core.whenIdle();
    expect(core.platform.told).toEqual([expect.any(String), expect.stringContaining("Fresh start")]);
    expect(core.platform.posts).toEqual([]);
  });

  test("a command of a button has no name that a person could type", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    memories.isDown = true;
    await using core = await openCoreBench({ dataDir: folder.path, memories });
    await core.accept(command("summary-from"));
    await expect
      .poll(() => core.platform.told, patiently)
      .toEqual([expect.stringMatching(/memory right now\. I'll do that as soon as it's back\./u)]);
    memories.isDown = false;
    await core.whenIdle();
  });
});
