import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, reworded, said, stopped } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };

describe("an edited question with an answer", () => {
  test("is answered again in the same post, with the messages before it", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "first");
    await bench.say("b", "secnod question");
    await bench.say("c", "third");
    await bench.take(reworded("b", "second question"));
    expect(bench.platform.shown).toEqual([
      "Answer to Ada: first",
      "Answer to Ada: second question",
      "Answer to Ada: third",
    ]);
    expect(bench.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual([
      "Ada: first",
      "Answer to Ada: first",
      "Ada: second question",
    ]);
    const messages = (await bench.remembered())?.messages ?? [];
    expect(messages.map(({ text }) => text)).toEqual([
      "first",
      "Answer to Ada: first",
      "second question",
      "Answer to Ada: second question",
      "third",
      "Answer to Ada: third",
    ]);
    await bench.rest();
    expect(await bench.known()).not.toContain("secnod");
    expect((await bench.archived()).map(({ text }) => text)).toEqual(messages.map(({ text }) => text));
  });

  test("is answered once per edit, however often that is delivered, and not for unchanged text", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "question");
    const edit = reworded("a", "better question");
    await bench.take(edit);
    await bench.take(edit);
    await bench.take(reworded("a", "better  question "));
    await bench.take(reworded("a", "better question"));
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("gets the answer to its newest text when it is edited again", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "one");
    await bench.accept(reworded("a", "two"));
    await bench.accept(reworded("a", "three"));
    await bench.settle();
    expect(bench.platform.shown).toEqual(["Answer to Ada: three"]);
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("loses its answer when it is deleted before the new one", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "one");
    await bench.accept(reworded("a", "two"));
    await bench.accept(deleted("a"));
    await bench.settle();
    expect(bench.platform.shown).toEqual([]);
    expect((await bench.remembered())?.messages).toEqual([]);
  });

  test.each([
    ["longer", 1, 3],
    ["shorter", 3, 1],
  ])("has an answer of as many posts as it needs now: %s", async (_name, before, after) => {
    let posts = before;
    const model = new ScriptedModel(async function* () {
      yield "word ".repeat(39 * posts - 8);
    });
    await using bench = await openRealBench({ model, platform: new FakePlatform({ postChars: 200 }) });
    await bench.say("a", "one");
    expect(bench.platform.shown).toHaveLength(before);
    posts = after;
    await bench.take(reworded("a", "two"));
    expect(bench.platform.shown).toHaveLength(after);
    const answer = (await bench.remembered())?.messages.at(-1);
    expect(answer?.posts).toHaveLength(after);
    expect(answer?.posts?.[0]).toBe("room/post-1");
  });

  test("leaves no trace of the old text while the model is unreachable, and is answered afterwards", async () => {
    let isAway = false;
    const model = new ScriptedModel(async function* (prompt) {
      if (isAway) throw new ModelError("unreachable", "away");
      yield `Answer to ${prompt.messages.at(-1)?.text ?? ""}`;
    });
    await using bench = await openRealBench({ model });
    await bench.say("a", "the code is swordfish");
    isAway = true;
    await bench.take(reworded("a", "what is the code?"));
    expect(await bench.known()).not.toContain("swordfish");
    await bench.take(reworded("a", "what was the code?"));
    isAway = false;
    await bench.take(deleted("never said"));
    expect(bench.platform.shown).toEqual(["Answer to Ada: what was the code?"]);
  });

  test("keeps later answers, except those that quote the old text", async () => {
    const model = new ScriptedModel(async function* (prompt) {
      const asked = prompt.messages.at(-1)?.text ?? "";
      yield asked.includes("repeat") ? "You said Swordfish-4711." : `Answer to ${asked}`;
    });
    await using bench = await openRealBench({ model });
    await bench.say("a", "my code is Swordfish-4711");
    await bench.say("b", "please repeat it");
    await bench.say("c", "and now?");
    await bench.take(reworded("a", "I have a code"));
    expect(bench.platform.shown).toEqual(["Answer to Ada: I have a code", "Answer to Ada: and now?"]);
  });

  test.each(["reset", "forget this yes", "/summary share"])(
    "is not a command after an edit that looks like one, and the model is not asked: %s",
    async (order) => {
      await using bench = await openRealBench();
      await bench.say("a", "one");
      await bench.say("b", "two");
      await bench.take(reworded("b", order));
      expect(bench.platform.shown).toEqual([
        "Answer to Ada: one",
        expect.stringContaining("send it as a new message"),
      ]);
      await bench.take(reworded("b", "three"));
      expect(bench.platform.shown).toEqual(["Answer to Ada: one", "Answer to Ada: three"]);
      expect(bench.model.prompts).toHaveLength(3);
    },
  );

  test("does not run as a command when it is edited into one while it waits", async () => {
    await using bench = await openRealBench();
    await bench.accept(said("a", "one", { saidAtMs: bench.clock.nowMs() }));
    await bench.accept(reworded("a", "reset"));
    await bench.settle();
    expect(bench.platform.shown).toEqual([expect.stringContaining("send it as a new message")]);
    expect(bench.model.prompts).toEqual([]);
  });

  test("is not answered again after a reset", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "one");
    await bench.take(command("reset"));
    await bench.take(reworded("a", "two"));
    expect(bench.model.prompts).toHaveLength(1);
  });

  test("keeps the text so far when a person stops the new answer", async () => {
    using folder = temporaryFolder();
    let asked = 0;
    const model = new ScriptedModel(async function* (_prompt, signal) {
      asked += 1;
      yield asked === 1 ? "The first answer" : "So far";
      if (asked > 1)
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "one"));
    await core.whenIdle();
    await core.accept(reworded("a", "two"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.accept(stopped());
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["So far\n\n*(Stopped here.)*"]);
  });
});
