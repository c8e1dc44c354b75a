import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, said, stopped } from "../../support/core/inbounds.ts";
import { ScriptedModel, type SeenPrompt } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const key: ConversationKey = "fake:room:1";
const isSummary = (prompt: SeenPrompt): boolean =>
  prompt.messages.at(-1)?.text.includes("Summarise") === true;

/** A model that works on a summary until the test lets it go on, or it is stopped. */
function slowModel() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const model = new ScriptedModel(async function* (prompt, signal) {
    if (!isSummary(prompt)) {
      yield `Answer to ${prompt.messages.at(-1)?.text ?? ""}`;
      return;
    }
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
    await Promise.race([promise, aborted]);
    yield "They said hello. [1]";
  });
  return { model, goOn: resolve };
}

async function openSummarising(argument = "") {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const platform = new FakePlatform();
  const memories = new FakeMemory();
  const { model, goOn } = slowModel();
  const core = opened.use(await openCoreBench({ dataDir: folder.path, platform, memories, model }));
  await core.accept(said("a", "hello"));
  await core.whenIdle();
  await core.accept(command("summary", argument, { saidAtMs: core.clock.nowMs() }));
  await expect.poll(() => model.prompts.some(isSummary), patiently).toBe(true);
  return { ...core, folder, goOn, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe("a long summary", () => {
  test("does not block answers in its conversation", async () => {
    await using core = await openSummarising();
    await core.accept(said("b", "and now?"));
    await expect.poll(() => core.platform.shown, patiently).toContain("Answer to Ada: and now?");
    expect(core.platform.told).toEqual([]);
    core.goOn();
    await core.whenIdle();
    expect(core.platform.told).toEqual([expect.stringContaining("They said hello.")]);
  });

  test.each([
    ["Stop", stopped()],
    ["/reset", command("reset")],
  ])("is ended by %s", async (_name, inbound) => {
    await using core = await openSummarising();
    await core.accept(inbound);
    await core.whenIdle();
    expect(core.platform.told).toContain("I stopped `/summary`.");
    expect(core.platform.told.join()).not.toContain("They said hello.");
  });

  test("that everyone sees is remembered, and is in no prompt", async () => {
    await using core = await openSummarising("share");
    await core.accept(said("b", "and now?"));
    await expect.poll(() => core.platform.shown, patiently).toContain("Answer to Ada: and now?");
    core.goOn();
    await core.whenIdle();
    expect(core.platform.shown.join()).toContain("They said hello.");
    const { memory } = await core.memories.read(key);
    expect(memory?.messages.at(-1)).toMatchObject({
      role: "notice",
      text: expect.stringContaining("They said hello."),
      sources: [{ conversation: key, message: "a" }],
    });
    await core.accept(said("c", "thanks"));
    await core.whenIdle();
    expect(JSON.stringify(core.model.prompts.at(-1))).not.toContain("They said hello");
  });

  test("is shown after a restart halfway", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    const memories = new FakeMemory();
    {
      const { model } = slowModel();
      await using core = await openCoreBench({ dataDir: folder.path, platform, memories, model });
      await core.accept(said("a", "hello"));
      await core.whenIdle();
      await core.accept(command("summary", "", { saidAtMs: core.clock.nowMs() }));
      await expect.poll(() => model.prompts.some(isSummary), patiently).toBe(true);
    }
    const { model, goOn } = slowModel();
    goOn();
    await using core = await openCoreBench({ dataDir: folder.path, platform, memories, model });
    await core.whenIdle();
    expect(platform.told).toEqual([expect.stringContaining("They said hello.")]);
  });
});
