import { describe, expect, test } from "vitest";

import type { Inbound } from "../../../src/domain/inbound.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { deleted, edited, said } from "../../support/core/inbounds.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const secret = "swordfish-4711";

const answer = (bench: RealBench, id: string, text: string, more: Parameters<typeof said>[2] = {}) =>
  bench.take(said(id, text, { saidAtMs: bench.clock.nowMs(), ...more }));

async function askedToForget(): Promise<RealBench> {
  const bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  await answer(bench, "b", "forget this");
  expect(bench.platform.told.at(-1)).toContain("reply `yes`");
  return bench;
}

describe("a question that asks for a confirmation", () => {
  test.each(["yes", "Yes!", "yes please"])("accepts %j from the person who was asked", async (text) => {
    await using bench = await askedToForget();
    const asked = bench.model.prompts.length;
    await answer(bench, "c", text, { addressing: "open" });
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    expect(bench.model.prompts).toHaveLength(asked);
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("ignores a yes from other people, and one addressed to other people", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "yes", { by: "bob", addressing: "open" });
    await answer(bench, "d", "yes", { addressing: "others" });
    expect(await bench.known()).toContain(secret);
  });

  test("closes when the person says something else, or after five minutes", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "wait, what is my code?");
    await answer(bench, "d", "yes");
    expect(await bench.known()).toContain(secret);
    await answer(bench, "e", "forget this");
    bench.clock.pass(5 * 60_000 + 1);
    await answer(bench, "f", "yes");
    expect(await bench.known()).toContain(secret);
    expect(bench.platform.told.join()).not.toContain("Done.");
  });

  test("closes when the bot answers another person in between", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "shall I book the hall?", { by: "bob" });
    await answer(bench, "d", "yes", { addressing: "open" });
    expect(await bench.known()).toContain(secret);
  });

  test("accepts a yes that already waits behind it", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    await bench.accept(said("b", "forget this", { saidAtMs: bench.clock.nowMs() }));
    await bench.accept(said("c", "yes", { saidAtMs: bench.clock.nowMs(), addressing: "open" }));
    await bench.settle();
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("accepts a yes in a DM, where it may have been shown", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    await answer(bench, "b", "forget this", { conversation: "fake:room:1" });
    const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;
    await answer(bench, "c", "yes", direct);
    await bench.rest();
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    expect(await bench.known()).not.toContain(secret);
    expect(bench.model.prompts).toHaveLength(1);
    await answer(bench, "d", "yes", direct);
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("accepts a yes in a DM once, even if its turn waits for the model and is planned again", async () => {
    const model = new ScriptedModel();
    await using bench = await openRealBench({ model });
    await bench.say("a", `my code is ${secret}`);
    await answer(bench, "b", "forget this", { conversation: "fake:room:1" });
    const { script } = model;
    model.script = async function* () {
      yield "";
      throw new ModelError("unreachable", "away");
    };
    const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;
    for (const [id, text] of [
      ["c", "yes"],
      ["d", "and what is open?"],
    ] as const)
      await bench.accept(said(id, text, { saidAtMs: bench.clock.nowMs(), ...direct }));
    await bench.settle();
    await bench.rest();
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    model.script = script;
    await bench.schedule("fake:dm:ada");
    const texts = model.prompts.at(-1)?.messages.map(({ text }) => text) ?? [];
    expect(texts.join("\n")).toContain("and what is open?");
    expect(texts.join("\n")).not.toContain("yes");
    const { messages = [] } = (await bench.remembered("fake:dm:ada")) ?? {};
    expect(messages.map(({ id }) => id)).not.toContain("c");
    expect(await bench.stores.inbox.waiting("fake:dm:ada", bench.signal)).toEqual([]);
  });

  test("accepts a yes in a DM that comes while the question is being shown", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;
    bench.platform.before = async (what) => {
      if (what !== "tell") return;
      bench.platform.before = () => undefined;
      const yes = said("c", "yes", { saidAtMs: bench.clock.nowMs(), ...direct });
      await bench.stores.inbox.accept(yes, bench.clock.nowMs(), bench.signal);
      bench.clock.pass(1_000);
    };
    await answer(bench, "b", "forget this", { conversation: "fake:room:1" });
    await bench.schedule("fake:dm:ada");
    await bench.rest();
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    expect(await bench.known()).not.toContain(secret);
  });

  test("is asked again after a late yes, and then accepts one", async () => {
    await using bench = await askedToForget();
    bench.clock.pass(5 * 60_000 + 1);
    await answer(bench, "c", "yes", { addressing: "open" });
    expect(bench.platform.told.filter((line) => line.includes("reply `yes`"))).toHaveLength(2);
    expect(bench.model.prompts).toHaveLength(1);
    expect(await bench.known()).toContain(secret);
    await answer(bench, "d", "yes", { addressing: "open" });
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("belongs to one person: a question to another person in between does not close it", async () => {
    await using bench = await askedToForget();
    await answer(bench, "x", "hello", { by: "bob", addressing: "others" });
    await answer(bench, "c", "reset", { by: "bob" });
    await answer(bench, "d", "yes", { addressing: "open" });
    expect((await bench.remembered())?.erasing?.by).toBe("ada");
    await answer(bench, "e", "yes", { by: "bob", addressing: "open" });
    expect(bench.platform.shown.at(-1)).not.toContain("**Bob**");
  });

  test("works for a command that starts no conversation", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;
    await answer(bench, "b", "forget me", direct);
    await answer(bench, "c", "yes", direct);
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });
});

test.each([
  ["labbot, yes", true],
  ["hallbot, yes", false],
])("a yes may include the bot's name in that place: %j", async (text, counts) => {
  const names = new Map([
    ["room", "labbot"],
    ["hall", "hallbot"],
  ]);
  const platform = Object.assign(new FakePlatform(), { botNameIn: (place: string) => names.get(place) });
  await using bench = await openRealBench({ platform });
  await bench.say("a", `my code is ${secret}`);
  await answer(bench, "b", "labbot forget this");
  expect(bench.platform.told.at(-1)).toContain("reply `yes`");
  await answer(bench, "c", text);
  await bench.rest();
  expect((await bench.known()).includes(secret)).toBe(!counts);
});

test("a mistyped command asks for a confirmation, and a yes runs it", async () => {
  await using bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  await answer(bench, "b", "forgett this");
  expect(bench.platform.told.at(-1)).toContain("Did you mean `forget this`?");
  await answer(bench, "c", "yes");
  expect(bench.platform.told.at(-1)).toContain("permanently deletes");
  await answer(bench, "d", "yes");
  await bench.rest();
  expect(await bench.known()).not.toContain(secret);
  expect(bench.model.prompts).toHaveLength(1);
});

describe("a command that waits behind an answer", () => {
  async function withOrder(change: Inbound, ...orders: readonly string[]): Promise<RealBench> {
    const model = new ScriptedModel();
    const { promise: mayAnswer, resolve: go } = Promise.withResolvers<void>();
    const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>();
    const echo = model.script;
    const bench = await openRealBench({ model });
    await bench.say("a", `my code is ${secret}`);
    model.script = async function* (prompt, signal) {
      ask();
      await mayAnswer;
      yield* echo(prompt, signal);
    };
    const asked = bench.say("q", "what is open?");
    await isAsked;
    for (const [index, text] of orders.entries())
      await bench.accept(said(`b${index}`, text, { saidAtMs: bench.clock.nowMs() }));
    await bench.accept(change);
    go();
    await asked;
    await bench.settle();
    await bench.rest();
    return bench;
  }

  test("does not run when it was deleted", async () => {
    await using bench = await withOrder(deleted("b0"), "forget this yes");
    expect(await bench.known()).toContain(secret);
    expect(bench.platform.told).toEqual([]);
  });

  test("is not confirmed by a yes that was deleted, or edited to no", async () => {
    for (const change of [deleted("b1"), edited("b1", "no")]) {
      await using bench = await withOrder(change, "forget this", "yes");
      expect(await bench.known()).toContain(secret);
      expect(bench.platform.told).toEqual([expect.stringContaining("reply `yes`")]);
    }
  });

  test("runs as its edited text says", async () => {
    await using talk = await withOrder(edited("b0", "forgive me, what did I say?"), "forget this yes");
    expect(await talk.known()).toContain(secret);
    expect(talk.model.prompts.at(-1)?.messages.at(-1)?.text).toContain("forgive me");
    await using order = await withOrder(edited("b0", "memory"), "forget this yes");
    expect(await order.known()).toContain(secret);
    expect(order.platform.told.at(-1)).toContain("word for word");
  });
});

test("the model is told that it can't erase", async () => {
  await using bench = await openRealBench();
  const { buildInstructions } = await import("../../../src/conversation/prompt/build-prompt.ts");
  await bench.say("a", "hello");
  expect(buildInstructions("")).toMatch(/can't erase, reset or export anything yourself/u);
});
