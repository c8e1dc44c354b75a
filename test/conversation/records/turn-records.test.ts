import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { deleted, reworded, stopped } from "../../support/core/inbounds.ts";
import { openRealBench, sayInVain } from "../../support/core/real-bench.ts";
import { TitlingPlatform } from "../../support/core/titling.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

describe("the record of a turn", () => {
  test("names the asker, the model's input and the cost, without any text", async () => {
    await using bench = await openRealBench();
    bench.model.usage = { promptTokens: 70, cachedTokens: 64, replyTokens: 9 };
    await bench.say("q1", "my secret is swordfish");
    await bench.say("q2", "what is my secret?");
    await bench.file();
    const [second, first] = await bench.records();
    const memory = await bench.remembered();
    const replies = memory?.messages.filter(({ role }) => role === "bot") ?? [];
    expect(first).toMatchObject({
      conversation: "fake:room:1",
      author: "ada",
      purpose: "answer",
      trigger: "q1",
      covers: ["q1"],
      replyId: replies[0]?.id,
      outcome: "answered",
      ordinal: 2,
      attempt: 0,
      work: {
        model: "scripted",
        calls: 1,
        prompt: { from: 1, to: 1, messages: 1 },
        usage: bench.model.usage,
      },
    });
    expect(second?.work?.prompt).toMatchObject({ from: 1, to: 3, messages: 3 });
    expect(replies.map(({ turnId }) => turnId)).toEqual([first?.id, second?.id]);
    expect(JSON.stringify([first, second])).not.toMatch(/swordfish|secret/u);
    const reply = (await bench.archived()).find(({ role }) => role === "bot");
    expect(reply?.turnId).toBe(first?.id);
  });

  test("leaves memory with the turn after the sync", async () => {
    await using bench = await openRealBench();
    await bench.say("q1", "hello");
    expect((await bench.remembered())?.records).toHaveLength(1);
    await bench.file();
    await bench.say("q2", "hello again");
    expect((await bench.remembered())?.records?.map(({ trigger }) => trigger)).toEqual(["q2"]);
    await bench.file();
    expect((await bench.records()).map(({ trigger }) => trigger)).toEqual(["q2", "q1"]);
  });

  test("names the tool calls, with their length and not their text", async () => {
    await using bench = await openRealBench();
    await bench.say("q1", "the venue is the big hall");
    bench.model.calls = ({ calls }) =>
      calls === undefined ? [{ id: "c1", name: "recall", argument: '{"words":"venue"}' }] : [];
    await bench.say("q2", "what about it?");
    await bench.file();
    const [record] = await bench.records();
    expect(record?.steps).toMatchObject([{ tool: "recall", outcome: "done" }]);
    expect(record?.steps[0]?.resultChars).toBeGreaterThan(20);
    expect(record?.work?.calls).toBe(2);
    expect(JSON.stringify(record)).not.toMatch(/hall|venue/u);
  });

  test("is the same when another attempt finishes the answered turn, and so are the reply's sources", async () => {
    let isDying = false;
    const model = new ScriptedModel(async function* () {
      yield "In the big hall [1].";
    });
    await using bench = await openRealBench({
      model,
      stores: (real) => ({
        ...real,
        journal: {
          ...real.journal,
          finish: async (...given) => {
            if (!isDying) return real.journal.finish(...given);
            isDying = false;
            throw new StoreError("gone");
          },
        },
      }),
    });
    await bench.say("q0", "the venue is the big hall");
    await bench.order("reset", "yes");
    await bench.say("q1", "our venue is the big hall", { conversation: "fake:room:2" });
    await bench.rest();
    model.calls = ({ calls }) =>
      calls === undefined ? [{ id: "c1", name: "recall", argument: '{"words":"venue"}' }] : [];
    isDying = true;
    await bench.say("q2", "what about it?");
    await bench.rest();
    expect(isDying).toBe(false);
    const record = (await bench.records()).find(({ trigger }) => trigger === "q2");
    expect(record).toMatchObject({ outcome: "answered", work: { calls: 2 }, steps: [{ tool: "recall" }] });
    const reply = (await bench.archived()).find(({ id }) => id === record?.replyId);
    expect(reply?.sources).toMatchObject([{ conversation: "fake:room:2", message: "q1" }]);
  });

  test("gives the reason why there was no answer", async () => {
    const model = new ScriptedModel(async function* () {
      yield "";
      throw new ModelError("refused", "no");
    });
    await using bench = await openRealBench({ model });
    await bench.say("q1", "hello");
    await bench.file();
    expect(await bench.records()).toMatchObject([{ outcome: "failed", failure: "refused", trigger: "q1" }]);
  });

  test("names the limit that was reached, and that the model was not asked", async () => {
    await using bench = await openRealBench({ limits: { ...noLimits, personTurns: 1 } });
    await bench.say("q1", "hello");
    await bench.say("q2", "hello again");
    await bench.file();
    const [second] = await bench.records();
    expect(second).toMatchObject({ trigger: "q2", outcome: "limited", failure: "personTurns" });
    expect(second).not.toHaveProperty("work");
  });

  test("names the turn whose answer it replaced", async () => {
    await using bench = await openRealBench();
    await bench.say("q1", "hello");
    const [first] = (await bench.remembered())?.records ?? [];
    bench.clock.pass(1_000);
    await bench.take(reworded("q1", "good evening to all of you"));
    await bench.file();
    const [second] = await bench.records();
    expect(second).toMatchObject({ trigger: "q1", replaces: first?.id, replyId: first?.replyId });
  });

  test.each(["Half an answer", ""])(
    "says that a person stopped the answer, and what it cost until then: %j",
    async (text) => {
      const begun = Promise.withResolvers<void>();
      const model = new ScriptedModel(async function* (_prompt, signal) {
        if (text !== "") yield text;
        begun.resolve();
        const { promise, reject } = Promise.withResolvers<void>();
        signal.addEventListener("abort", () => reject(signal.reason));
        await promise;
      });
      await using bench = await openRealBench({ model });
      const asked = bench.say("q1", "hello");
      await begun.promise;
      await bench.accept(stopped());
      await asked;
      await bench.settle();
      await bench.file();
      const [record] = await bench.records();
      expect(await bench.records()).toHaveLength(1);
      expect(record).toMatchObject({ trigger: "q1", author: "ada", outcome: "stopped", work: { calls: 1 } });
      const reply = (await bench.archived()).find(({ role }) => role !== "person");
      expect(record?.replyId).toBe(reply?.id);
      expect(JSON.stringify(record)).not.toContain("Half");
    },
  );

  test("is kept of commands, and of turns that were given up", async () => {
    await using bench = await openRealBench();
    await bench.say("q1", "hello");
    await bench.order("memory");
    await sayInVain(bench, "q2", "never answered");
    await bench.file();
    const [failed, command] = await bench.records();
    expect(failed).toMatchObject({ outcome: "given-up", trigger: "q2", author: "ada", purpose: "answer" });
    expect(command).toMatchObject({ purpose: "command", command: "memory", outcome: "answered", steps: [] });
  });

  test("is kept of a command that runs beside its conversation", async () => {
    await using bench = await openRealBench();
    await bench.say("q1", "hello");
    bench.model.usage = { promptTokens: 30, replyTokens: 4 };
    await bench.order("summary");
    await bench.order("summary", "share");
    await bench.rest();
    const [shared, alone] = await bench.records();
    const usage = bench.model.usage;
    expect(alone).toMatchObject({ purpose: "command", command: "summary", author: "ada", work: { usage } });
    expect(alone).not.toHaveProperty("replyId");
    expect(shared).toMatchObject({ command: "summary", work: { calls: 1, usage } });
    const notice = (await bench.archived()).find(({ id }) => id === shared?.replyId);
    expect(notice?.turnId).toBe(shared?.id);
  });

  test("is kept of summaries, which no person requested", async () => {
    await using bench = await openRealBench({ contextTokens: 1_200 });
    await bench.chat(60);
    await bench.rest();
    const summaries = (await bench.records()).filter(({ purpose }) => purpose === "summary");
    expect(summaries.length).toBeGreaterThan(0);
    const [newest] = summaries;
    expect(newest).toMatchObject({ covers: [], outcome: "answered", work: { model: "scripted" } });
    expect(newest).not.toHaveProperty("author");
    const { from = 0, to = 0, messages } = newest?.work?.prompt ?? {};
    expect(messages).toBe(to - from + 1);
  });

  test("is kept of a title, and removed with the messages that it was made from", async () => {
    await using bench = await openRealBench({ platform: new TitlingPlatform() });
    await bench.say("q1", "hello");
    await bench.rest();
    const made = async () => (await bench.records()).filter(({ purpose }) => purpose === "title");
    const reply = (await bench.archived()).find(({ role }) => role === "bot");
    expect(await made()).toMatchObject([{ covers: ["q1", reply?.id], work: { calls: 1 } }]);
    await bench.take(deleted("q1"));
    await bench.rest();
    expect(await made()).toEqual([]);
  });

  test.each([true, false])("is removed with its question, archived before: %s", async (isArchived) => {
    await using bench = await openRealBench();
    await bench.say("q1", "hello");
    await bench.say("q2", "hello again");
    if (isArchived) await bench.file();
    await bench.take(deleted("q1"));
    expect(JSON.stringify((await bench.remembered())?.records ?? [])).not.toContain('"q1"');
    await bench.file();
    expect((await bench.records()).map(({ trigger }) => trigger)).toEqual(["q2"]);
  });

  test("is removed with its author", async () => {
    await using bench = await openRealBench();
    await bench.say("q1", "hello");
    await bench.say("q2", "hello", { by: "bob" });
    await bench.order("help");
    await bench.file();
    bench.clock.pass(1_000);
    await bench.order("forget", "me yes");
    await bench.rest();
    expect(new Set((await bench.records()).map(({ author }) => author))).toEqual(new Set(["bob"]));
    expect(JSON.stringify((await bench.remembered())?.records ?? [])).not.toContain('"ada"');
  });
});
