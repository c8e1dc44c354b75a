import { describe, expect, test } from "vitest";

import { summarize } from "../../src/conversation/summary/summarize.ts";
import { ModelError } from "../../src/ports/model.ts";
import { SqliteLocks } from "../../src/storage/sqlite/stores/sqlite-locks.ts";
import { noLimits } from "../support/core/no-limits.ts";
import { openRealBench } from "../support/core/real-bench.ts";
import { ScriptedModel, type SeenPrompt } from "../support/core/scripted-model.ts";
import { isSummaryRequest } from "../support/openai/bad-summariser.ts";
import { payerIn } from "../support/core/payer-in.ts";

const textOf = ({ instructions, messages }: SeenPrompt): string =>
  [instructions, ...messages.map(({ text }) => text)].join("\n");

/** Refuses what is longer than `mostTokens`, as a server whose window is smaller than CONTEXT_TOKENS does. */
function modelThatTakes(mostTokens: number): ScriptedModel {
  const model: ScriptedModel = new ScriptedModel(async function* (prompt) {
    if (model.countTokens(textOf(prompt)) > mostTokens) throw new ModelError("context-too-long", "too long");
    yield isSummaryRequest(prompt) ? `- They talked about the release, OPS-1 and Ada [1]` : "Understood.";
  });
  return model;
}

describe("a text longer than the model accepts", () => {
  test("a message longer than a whole prompt is summarized in pieces", async () => {
    await using bench = await openRealBench({ model: modelThatTakes(4_000), contextTokens: 4_000 });
    await bench.say("m1", `The release is OPS-1, says Ada. ${"More about it, at length. ".repeat(2_500)}`);
    await bench.chat(150);
    const lines = (await bench.remembered())?.summary?.lines ?? [];
    expect(lines.map(({ text }) => text).join("\n")).toContain("OPS-1");
    expect(JSON.stringify(bench.platform.shown)).not.toContain("too long");
  });

  test("a server that accepts a quarter of CONTEXT_TOKENS still answers, summarizes and recalls", async () => {
    const model = modelThatTakes(1_000);
    await using bench = await openRealBench({ model, contextTokens: 4_000 });
    await bench.say("m1", "The release is OPS-1, says Ada");
    await bench.chat(200);
    expect((await bench.remembered())?.summary?.lines.length).toBeGreaterThan(0);
    expect(bench.platform.shown.at(-1)).toBe("Understood.");
    await bench.order("summary");
    expect(bench.platform.told.at(-1)).toContain("Understood.");
  });
});

test("two replicas don't pay for the same summary", async () => {
  await using bench = await openRealBench({ contextTokens: 1_000 });
  const answer = bench.model.script;
  const folds: SeenPrompt[] = [];
  const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: mayAnswer, resolve: go } = Promise.withResolvers<void>();
  bench.model.script = async function* (prompt, signal) {
    if (!isSummaryRequest(prompt)) return yield* answer(prompt, signal);
    folds.push(prompt);
    ask();
    await mayAnswer;
    yield "- They chatted [1]";
  };
  for (let index = 0; index < 60; index += 1)
    await bench.say(`m${index}`, "chatting on, as people do, at length");
  const one = summarize(bench.ports, "fake:room:1", bench.signal);
  await Promise.race([isAsked, one]);
  expect(await summarize(bench.ports, "fake:room:1", bench.signal)).toBe(false);
  const asked = folds.length;
  go();
  expect(await one).toBe(true);
  expect(asked).toBe(1);
  await bench.settle();
  expect((await bench.remembered())?.summary?.lines.length).toBeGreaterThan(0);
});

describe("a summariser that writes nonsense", () => {
  const facts = Array.from({ length: 12 }, (_, index) => `OPS-${2_000 + index * 13}`);

  test.each([100, 285, 415, 2_000])(
    "loses at most one of twelve facts in texts of %i characters",
    async (chars) => {
      const model = new ScriptedModel(async function* (prompt) {
        yield isSummaryRequest(prompt) ? "Lorem ipsum dolor sit amet." : "Understood.";
      });
      await using bench = await openRealBench({ model, contextTokens: 900 });
      for (const [index, fact] of facts.entries()) {
        const told = `Ticket ${fact} goes to the team.`;
        const filler = "And so on it went, as it does on such days. ".repeat(60);
        await bench.say(
          `f${index}`,
          `${filler.slice(0, (chars - told.length) / 2)}. ${told} ${filler}`.slice(0, chars),
        );
        await bench.summarizeAll();
        await bench.settle();
        await bench.file();
      }
      await bench.say("last", "What do you know?");
      const prompt = textOf(
        model.prompts.findLast((each) => !isSummaryRequest(each)) ?? {
          instructions: "",
          messages: [],
          images: [],
          purpose: "answer",
          payer: payerIn("fake:room:1"),
        },
      );
      expect(facts.filter((fact) => prompt.includes(fact)).length).toBeGreaterThanOrEqual(11);
    },
  );
});

test("a text that the provider refuses to summarize is kept as its sentences with facts", async () => {
  const model: ScriptedModel = new ScriptedModel(async function* (prompt) {
    if (isSummaryRequest(prompt)) throw new ModelError("refused", "content filter");
    yield "Understood.";
  });
  await using bench = await openRealBench({ model, contextTokens: 1_000 });
  await bench.say("m1", "The release OPS-1 is on 2026-12-24, says Ada");
  for (let index = 0; index < 60; index += 1)
    await bench.say(`c${index}`, "chatting on, as people do, at length");
  await bench.summarizeAll();
  await bench.settle();
  const lines = (await bench.remembered())?.summary?.lines ?? [];
  expect(lines.map(({ text }) => text).join("\n")).toContain("2026-12-24");
});

test("a summary beyond the daily limits waits for tomorrow", async () => {
  const limits = { ...noLimits, placeTokens: 30_000 };
  await using bench = await openRealBench({ contextTokens: 1_000, limits });
  for (let index = 0; index < 60; index += 1)
    await bench.say(`m${index}`, "chatting on, as people do, at length");
  await bench.ports.usage.charge(
    [{ counter: `placeTokens:${JSON.stringify(["fake", "room"])}`, amount: 40_000 }],
    bench.clock.nowMs(),
    bench.signal,
  );
  expect(await summarize(bench.ports, "fake:room:1", bench.signal)).toBe("tomorrow");
});

test("a summary that crashes the process is paused after five times, until the next day", async () => {
  // What a process that was killed would have done never happens.
  const killed = (): Promise<never> => new Promise(() => undefined);
  let isMortal = true;
  const model: ScriptedModel = new ScriptedModel(async function* (prompt) {
    if (isSummaryRequest(prompt) && isMortal) await killed();
    yield isSummaryRequest(prompt) ? "- They chatted [1]" : "Understood.";
  });
  await using bench = await openRealBench({ model, contextTokens: 1_000 });
  for (let index = 0; index < 60; index += 1)
    await bench.say(`m${index}`, "chatting on, as people do, at length");
  const folds = (): number => model.prompts.filter(isSummaryRequest).length;
  for (let deaths = 1; deaths <= 5; deaths += 1) {
    // Another process has no lock of the dead one.
    const locks = new SqliteLocks();
    void summarize({ ...bench.ports, locks }, "fake:room:1", bench.signal).catch(() => undefined);
    await expect.poll(folds).toBe(deaths);
  }
  const locks = new SqliteLocks();
  expect(await summarize({ ...bench.ports, locks }, "fake:room:1", bench.signal)).toBe("tomorrow");
  expect(folds()).toBe(5);
  isMortal = false;
  bench.clock.pass(86_400_000);
  expect(await summarize({ ...bench.ports, locks }, "fake:room:1", bench.signal)).toBe(true);
  await bench.settle();
  expect((await bench.remembered())?.summary?.lines.length).toBeGreaterThan(0);
});
