import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import type { Edited } from "../../../src/domain/inbound.ts";
import { SqliteErasureRequests } from "../../../src/storage/sqlite/stores/sqlite-erasure-requests.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { deleted, reworded, said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };

/** An edit that names the bot. */
function callingEdit(message: string, text: string, by = "ada"): Edited {
  return { ...reworded(message, text), call: said(message, text, { by }) };
}

/** A conversation of two people in which the bot answered once, and overheard "when is the release?" of Ada's. */
async function openOverheard(
  dataDir: string,
  options: { model?: ScriptedModel; memories?: FakeMemory } = {},
) {
  const core = await openCoreBench({ dataDir, ...options });
  await core.accept(said("a", "Hello"));
  await settled(core);
  await core.accept(said("q", "when is the release?", { addressing: "open", by: "bo" }));
  await core.accept(said("later", "good question", { addressing: "open", by: "ada" }));
  await settled(core);
  return core;
}

async function settled(core: Awaited<ReturnType<typeof openCoreBench>>): Promise<void> {
  await core.whenIdle();
}

describe("an edit that mentions the bot", () => {
  test("turns an unaddressed message into a question, answered last and once", async () => {
    using folder = temporaryFolder();
    await using core = await openOverheard(folder.path);
    const edit = callingEdit("q", "when is the release, bot?", "bo");
    await core.accept(edit);
    await settled(core);
    expect(core.model.prompts[1]?.messages.map(({ text }) => text)).toEqual([
      "Ada: Hello",
      "Answer to Ada: Hello",
      "Ada: good question",
      "Bo: when is the release, bot?",
    ]);
    expect(await core.accept(edit)).toBe("duplicate");
    expect(core.platform.shown).toHaveLength(2);
    // As after any answered question, a correction is answered in the same post.
    await core.accept(callingEdit("q", "when is the next release, bot?", "bo"));
    await settled(core);
    await expect.poll(() => core.model.prompts.length, patiently).toBe(3);
    await settled(core);
    expect(core.platform.shown).toHaveLength(2);
    // Telling the message as such again changes nothing: it is the same one.
    await core.accept(said("q", "when is the next release, bot?", { by: "bo" }));
    await settled(core);
    expect(core.model.prompts).toHaveLength(3);
  });

  test("counts once when the message is edited twice before its answer", async () => {
    using folder = temporaryFolder();
    const held = Promise.withResolvers<void>();
    const model = new ScriptedModel();
    await using core = await openOverheard(folder.path, { model });
    model.script = async function* (prompt, signal) {
      await Promise.race([held.promise, new Promise((done) => signal.addEventListener("abort", done))]);
      signal.throwIfAborted();
      yield `Answer to ${prompt.messages.at(-1)?.text}`;
    };
    await core.accept(callingEdit("q", "bot, when is the release?", "bo"));
    await expect.poll(() => model.prompts.length, patiently).toBe(2);
    await core.accept(callingEdit("q", "bot, when is release 4.2?", "bo"));
    await expect.poll(() => model.prompts.length, patiently).toBe(3);
    held.resolve();
    await settled(core);
    expect(core.platform.shown.slice(1)).toEqual(["Answer to Bo: bot, when is release 4.2?"]);
  });

  test("is answered after a restart", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    const model = new ScriptedModel();
    {
      await using before = await openOverheard(folder.path, { model, memories });
      model.script = async function* (_, signal) {
        await new Promise((done) => signal.addEventListener("abort", done));
        signal.throwIfAborted();
        yield "";
      };
      await before.accept(callingEdit("q", "bot, when is the release?", "bo"));
      await expect.poll(() => model.prompts.length, patiently).toBe(2);
    }
    await using after = await openCoreBench({ dataDir: folder.path, memories });
    await expect
      .poll(() => after.platform.shown, patiently)
      .toEqual(["Answer to Bo: bot, when is the release?"]);
    await settled(after);
  });

  test("waits for its answer while the model is unreachable", async () => {
    using folder = temporaryFolder();
    const model = new ScriptedModel();
    await using core = await openOverheard(folder.path, { model });
    let isAway = true;
    model.script = async function* (prompt) {
      if (isAway) throw new ModelError("unreachable", "away");
      yield `Answer to ${prompt.messages.at(-1)?.text}`;
    };
    await core.accept(said("b", "are you there?"));
    await expect.poll(() => core.platform.shown.length, patiently).toBe(2);
    await core.accept(callingEdit("q", "bot, when is the release?", "bo"));
    isAway = false;
    await settled(core);
    expect(core.platform.shown.join(" ")).toContain("bot, when is the release?");
  });

  test("calls the bot in an unknown conversation, like a message", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    expect(await core.accept(said("q", "when?", { addressing: "open" }))).toBe("ignored");
    const edit = callingEdit("q", "bot, when?");
    expect(await core.accept(edit)).toBe("stored");
    expect(await core.accept(edit)).not.toBe("ignored");
    await settled(core);
    expect(core.model.prompts.map(({ messages }) => messages.at(-1)?.text)).toEqual(["Ada: bot, when?"]);
    expect(core.platform.shown).toHaveLength(1);
  });

  test("calls the bot once when the message is older than memory, however it is delivered", async () => {
    using folder = temporaryFolder();
    await using core = await openOverheard(folder.path);
    const edit = callingEdit("old", "bot, who ordered the cake?", "bo");
    // Of an answered question that has gone from memory a correction is no new call.
    await core.accept(edit);
    await settled(core);
    expect(core.model.prompts).toHaveLength(1);
    await core.accept({ ...edit, dedupeId: "edit-2", isNewCall: true });
    await settled(core);
    expect(core.platform.shown).toHaveLength(2);
    // Slack tells it as a mention too.
    await core.accept(said("old", "bot, who ordered the cake?", { by: "bo" }));
    await settled(core);
    expect(core.model.prompts.slice(1).map(({ messages }) => messages.at(-1)?.text)).toEqual([
      "Bo: bot, who ordered the cake?",
    ]);
    expect(core.platform.shown).toHaveLength(2);
  });

  test("calls the bot when only the archive has the message, unless it was answered", async () => {
    using folder = temporaryFolder();
    await using core = await openOverheard(folder.path);
    const old = ["overheard", "asked", "answer"].map((id, index) => {
      const { message } = said(id, `old ${id}`, { by: "bo" });
      const role = id === "answer" ? ("bot" as const) : ("person" as const);
      const answers = id === "answer" ? ["asked"] : [];
      const kept = { role, answers, speaker: "Bo", tokens: 1, chapter: 0, ordinal: -index, revision: 0 };
      return Object.assign(message, kept);
    });
    const { conversation, platform, place } = said("any", "");
    const location = { conversation, platform, place, erasures: [] };
    await core.archive.sync({ ...location, messages: old });
    await core.accept(callingEdit("asked", "bot, who ordered the cake?", "bo"));
    await settled(core);
    expect(core.model.prompts).toHaveLength(1);
    await core.accept(callingEdit("overheard", "bot, who ordered the cake?", "bo"));
    await settled(core);
    await core.accept(callingEdit("overheard", "bot, who ordered the tea?", "bo"));
    await settled(core);
    await expect.poll(() => core.model.prompts.length, patiently).toBe(3);
    await settled(core);
    // The second one corrects it: answered again, in the same post.
    expect(core.platform.shown).toHaveLength(2);
    expect(core.platform.shown[1]).toContain("who ordered the tea?");
  });

  test("does not call the bot for a message from before its author's erasure", async () => {
    using folder = temporaryFolder();
    await using core = await openOverheard(folder.path);
    const erasureRequests = new SqliteErasureRequests(core.database);
    const author = said("old", "", { by: "bo" }).message.author.id;
    const forgetting = { id: "1", platform: "fake", author, beforeMs: Date.now() + 60_000 };
    await erasureRequests.begin(forgetting);
    await core.accept({ ...callingEdit("old", "bot, who ordered the cake?", "bo"), isNewCall: true });
    await settled(core);
    expect(core.model.prompts).toHaveLength(1);
  });

  test("does not count when the message is deleted or edited back before its answer", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    const held = Promise.withResolvers<void>();
    await core.accept(said("a", "Hello"));
    await settled(core);
    await core.accept(said("q", "when?", { addressing: "open", by: "bo" }));
    await core.accept(said("r", "where?", { addressing: "open", by: "bo" }));
    await settled(core);
    core.model.script = async function* (prompt) {
      await held.promise;
      yield `Answer to ${prompt.messages.at(-1)?.text}`;
    };
    await core.accept(said("b", "wait"));
    await expect.poll(() => core.model.prompts.length, patiently).toBe(2);
    await core.accept(callingEdit("q", "bot, when?", "bo"));
    await core.accept(deleted("q"));
    await core.accept(callingEdit("r", "bot, where?", "bo"));
    await core.accept(reworded("r", "where?"));
    held.resolve();
    await settled(core);
    expect(core.model.prompts).toHaveLength(2);
  });
});
