import { once } from "node:events";

import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { edited } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { isSummaryRequest } from "../../support/openai/bad-summariser.ts";

const room = (name: string): { readonly conversation: ConversationKey; readonly place: string } => ({
  conversation: `fake:${name}:1`,
  place: name,
});
const lastLine = ({ platform }: RealBench): string => platform.shown.at(-1) ?? "";

describe("the daily limits", () => {
  test("a person's answers are counted over all conversations, before the model is asked", async () => {
    await using bench = await openRealBench({ limits: { ...noLimits, personTurns: 3 } });
    for (const name of ["one", "two", "three"]) await bench.say(name, "Hello?", { ...room(name), by: "Ada" });
    expect(bench.model.prompts).toHaveLength(3);
    await bench.say("four", "Hello?", { ...room("four"), by: "Ada" });
    expect(bench.model.prompts).toHaveLength(3);
    expect(lastLine(bench)).toMatch(
      /^You've reached your daily limit of answers.* Ask me again in (?:an hour|\d+ hours)/u,
    );
    await bench.say("other", "Hello?", { ...room("five"), by: "Grace" });
    expect(bench.model.prompts).toHaveLength(4);
  });

  test("a place's tokens are counted for all people together", async () => {
    await using bench = await openRealBench({ limits: { ...noLimits, placeTokens: 4_000 } });
    bench.model.usage = undefined;
    const long = "tell me more about it ".repeat(300);
    for (const by of ["Ada", "Grace", "Alan", "Edsger"])
      await bench.say(by, long, { ...room("one"), by, conversation: `fake:one:${by}` });
    const asked = bench.model.prompts.length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(4);
    expect(lastLine(bench)).toContain("This channel has reached its daily limit.");
    await bench.say("elsewhere", "Hello?", { ...room("two"), by: "Ada" });
    expect(bench.model.prompts).toHaveLength(asked + 1);
  });

  test("real usage replaces the estimate: a short call leaves room for others", async () => {
    // The scripted model uses 2 tokens a call.
    await using bench = await openRealBench({ limits: { ...noLimits, personTokens: 2_000 } });
    for (let index = 0; index < 20; index += 1) await bench.say(`m${index}`, "Hello?", room(`room${index}`));
    expect(bench.model.prompts).toHaveLength(20);
  });

  test("a failed call is refunded", async () => {
    const model = new ScriptedModel();
    const answer = model.script;
    await using bench = await openRealBench({ model, limits: { ...noLimits, personTurns: 2 } });
    // oxlint-disable-next-line require-yield -- it fails before its first piece
    model.script = async function* () {
      throw new ModelError("bad-key", "no");
    };
    for (const name of ["one", "two", "three"]) await bench.say(name, "Hello?", room(name));
    model.script = answer;
    await bench.say("four", "Hello?", room("four"));
    expect(lastLine(bench)).toBe("Answer to Ada: Hello?");
  });

  test("each model call is counted, including tool calls and broken streams", async () => {
    const model = new ScriptedModel();
    model.calls = () => [{ id: "1", name: "recall", argument: '{"words":"lunch"}' }];
    await using bench = await openRealBench({ model, limits: { ...noLimits, personTokens: 700 } });
    await bench.say("a", "what about lunch?");
    const looked = model.prompts.length;
    expect(looked).toBeGreaterThan(0);
    expect(looked).toBeLessThan(5);
    expect(lastLine(bench)).toContain("You've reached your daily limit.");
    model.calls = () => [];
    // oxlint-disable-next-line require-yield -- it fails before its first piece
    model.script = async function* () {
      throw new ModelError("empty", "no words", {
        usage: { promptTokens: 1_000, cachedTokens: 0, replyTokens: 4_000 },
      });
    };
    await bench.say("b", "and now?", { by: "Grace" });
    await bench.say("c", "and now?", { by: "Grace" });
    expect(model.prompts).toHaveLength(looked + 1);
    expect(lastLine(bench)).toContain("You've reached your daily limit.");
  });

  test("an answer is one turn, however many calls it takes", async () => {
    const model = new ScriptedModel();
    let calls = 0;
    model.calls = () =>
      (calls += 1) % 2 === 1 ? [{ id: "1", name: "recall", argument: '{"words":"lunch"}' }] : [];
    await using bench = await openRealBench({ model, limits: { ...noLimits, personTurns: 2 } });
    for (const id of ["a", "b", "c"]) await bench.say(id, "what about lunch?");
    expect(model.prompts).toHaveLength(4);
    expect(lastLine(bench)).toContain("You've reached your daily limit of answers");
  });

  test("an open platform also has a limit for all people together", async () => {
    const limits = { ...noLimits, openPlatforms: new Set(["fake"]), openTurns: 3, personTurns: 2 };
    await using bench = await openRealBench({ limits });
    for (const by of ["Ada", "Grace", "Alan", "Edsger"]) await bench.say(by, "Hello?", { ...room(by), by });
    expect(bench.model.prompts).toHaveLength(3);
    expect(lastLine(bench)).toContain("This chat has reached its daily limit");
  });

  test("a call interrupted by an edit is charged: endless edits don't evade the limit", async () => {
    const model = new ScriptedModel();
    const answer = model.script;
    const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>();
    model.script = async function* (_prompt, signal) {
      ask();
      yield "Well";
      if (!signal.aborted) await once(signal, "abort");
      signal.throwIfAborted();
    };
    await using bench = await openRealBench({ model, limits: { ...noLimits, personTurns: 2 } });
    const said = bench.say("one", "Hello?");
    await isAsked;
    model.script = answer;
    await bench.take(edited("one", "Hello again?"));
    await said;
    expect(lastLine(bench)).toBe("Answer to Ada: Hello again?");
    await bench.say("two", "And now?");
    expect(lastLine(bench)).toContain("You've reached your daily limit of answers");
  });

  test.each([{ begun: [] }, { begun: ["So far. "] }])(
    "an answer is one turn, though it is asked for again after its first post was refused: $begun",
    async ({ begun }) => {
      const platform = new FakePlatform({ placeholder: "…" });
      const model = new ScriptedModel();
      const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>();
      const { script: answer } = model;
      model.script = async function* (_prompt, signal) {
        model.script = answer;
        ask();
        yield* begun;
        if (!signal.aborted) await once(signal, "abort");
        signal.throwIfAborted();
      };
      platform.before = async (what) => {
        if (what !== "create") return;
        platform.before = () => undefined;
        await isAsked;
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        throw new PlatformError("rate-limited", "slow down");
      };
      await using bench = await openRealBench({ platform, model, limits: { ...noLimits, personTurns: 1 } });
      await bench.say("one", "Hello?");
      await bench.schedule("fake:room:1");
      expect(model.prompts).toHaveLength(2);
      expect(lastLine(bench)).toBe("Answer to Ada: Hello?");
      await bench.say("two", "And now?");
      expect(lastLine(bench)).toContain("You've reached your daily limit of answers");
    },
  );

  test("an answer is one turn, though its first post is refused after the model called a tool", async () => {
    const platform = new FakePlatform({ placeholder: "…" });
    const model = new ScriptedModel();
    model.callUsage = { promptTokens: 40, cachedTokens: 0, replyTokens: 2 };
    const { promise: hasCalled, resolve: call } = Promise.withResolvers<void>();
    model.calls = ({ calls = [] }) => {
      setImmediate(call);
      return calls.length > 0 ? [] : [{ id: "1", name: "recall", argument: '{"words":"lunch"}' }];
    };
    platform.before = async (what) => {
      if (what !== "create") return;
      platform.before = () => undefined;
      await hasCalled;
      throw new PlatformError("rate-limited", "slow down");
    };
    await using bench = await openRealBench({ platform, model, limits: { ...noLimits, personTurns: 2 } });
    await bench.say("one", "Hello?");
    await bench.schedule("fake:room:1");
    // The call was made twice, before and after the refusal, and the provider bills both.
    expect(model.prompts).toHaveLength(3);
    expect(lastLine(bench)).toBe("Answer to Ada: Hello?");
    await bench.say("two", "And now?");
    expect(lastLine(bench)).toBe("Answer to Ada: And now?");
    await bench.say("three", "And then?");
    expect(lastLine(bench)).toContain("You've reached your daily limit of answers");
  });

  test("begin again the next day", async () => {
    await using bench = await openRealBench({ limits: { ...noLimits, personTurns: 1 } });
    await bench.say("one", "Hello?", room("one"));
    await bench.say("two", "Hello?", room("two"));
    expect(bench.model.prompts).toHaveLength(1);
    bench.clock.pass(86_400_000);
    await bench.say("three", "Hello?", room("three"));
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("a conversation has a limit of summaries, and says when it is reached", async () => {
    await using bench = await openRealBench({ limits: { ...noLimits, summaries: 2 } });
    await bench.say("one", "We ship on Friday");
    for (let index = 0; index < 3; index += 1) await bench.order("summary");
    expect(bench.platform.told.at(-1)).toContain(
      "This conversation has reached its daily limit of summaries",
    );
    expect(bench.platform.told.filter((line) => line.includes("Answer to"))).toHaveLength(2);
  });

  test("unaddressed messages cost nothing, and background summaries stop with the place's tokens", async () => {
    await using bench = await openRealBench({
      limits: { ...noLimits, placeTokens: 3_000 },
      contextTokens: 1_000,
    });
    bench.model.usage = undefined;
    await bench.chat(80);
    expect(bench.log.lines.some(({ message }) => message.startsWith("daily limit reached"))).toBe(true);
    const folds = bench.model.prompts.filter((prompt) => isSummaryRequest(prompt)).length;
    await bench.summarizeAll();
    expect(bench.model.prompts.filter((prompt) => isSummaryRequest(prompt))).toHaveLength(folds);
  });
});

test("a person has a limit of concurrent answers; further ones wait for their turn", async () => {
  const model = new ScriptedModel();
  const { promise: mayAnswer, resolve: go } = Promise.withResolvers<void>();
  model.script = async function* () {
    await mayAnswer;
    yield "There you are.";
  };
  await using bench = await openRealBench({ model, limits: { ...noLimits, personAtOnce: 2 } });
  const asked = ["one", "two", "three"].map((name) => bench.say(name, "Hello?", room(name)));
  const grace = bench.say("grace", "Hello?", { ...room("four"), by: "Grace" });
  await expect.poll(() => model.prompts.length, { timeout: 60_000 }).toBe(3);
  go();
  await Promise.all([...asked, grace]);
  const shown = (): number => bench.platform.shown.filter((line) => line === "There you are.").length;
  const again = async (): Promise<number> => {
    bench.clock.pass(2_000);
    for (const due of await bench.stores.inbox.due(bench.clock.nowMs(), bench.signal)) {
      await bench.schedule(due);
    }
    return shown();
  };
  await expect.poll(again, { timeout: 60_000 }).toBe(4);
});

test("summaries count as concurrent answers of a person", async () => {
  const model = new ScriptedModel();
  const answer = model.script;
  await using bench = await openRealBench({ model, limits: { ...noLimits, personAtOnce: 2 } });
  for (const name of ["one", "two", "three"]) await bench.say(name, "We ship on Friday", room(name));
  const { promise: mayAnswer, resolve: go } = Promise.withResolvers<void>();
  model.script = async function* (prompt, signal) {
    await mayAnswer;
    yield* answer(prompt, signal);
  };
  const ordered = ["one", "two", "three"].map((name) => bench.order("summary", "", room(name)));
  await expect.poll(() => model.prompts.length, { timeout: 60_000 }).toBe(5);
  await expect.poll(async () => (await bench.stores.inbox.due(Infinity, bench.signal)).length).toBe(3);
  expect(model.prompts).toHaveLength(5);
  go();
  await Promise.all(ordered);
  const again = async (): Promise<number> => {
    bench.clock.pass(2_000);
    for (const due of await bench.stores.inbox.due(bench.clock.nowMs(), bench.signal))
      await bench.schedule(due);
    return bench.platform.told.length;
  };
  await expect.poll(again, { timeout: 60_000 }).toBe(3);
});
