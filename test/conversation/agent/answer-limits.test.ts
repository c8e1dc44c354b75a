import { expect, test } from "vitest";

import type { AnswerLimits } from "../../../src/domain/answer-limits.ts";
import type { ToolCall } from "../../../src/domain/prompt.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { readingToy, writingToy } from "../../support/core/toy-tools.ts";

const forecast: ToolCall = { id: "1", name: "weather", argument: '{"of":"Friday"}' };
const noLimit: AnswerLimits = { rounds: 20, ms: 0, tokens: 0 };

/** Calls the weather as long as there are tools, then answers with what the prompt ends with. */
function asking(): ScriptedModel {
  const model = new ScriptedModel(async function* ({ messages }) {
    yield messages.at(-1)?.text ?? "";
  });
  model.calls = ({ tools }) => (tools === undefined ? [] : [forecast]);
  return model;
}

/** Rejects when the signal aborts. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

async function openLimited(
  model: ScriptedModel,
  limits: Partial<AnswerLimits>,
  tool = readingToy("weather", () => "Sunny."),
) {
  const changed = () => ({ answerLimits: { ...noLimit, ...limits } });
  return openRealBench({ model, tools: [tool], changed });
}

test.each([0, 1, 7])("after %i rounds of tool calls the model has to answer", async (rounds) => {
  const weather = readingToy("weather", () => "Sunny.");
  await using bench = await openLimited(asking(), { rounds }, weather);
  await bench.say("one", "how will Friday be?");
  expect(weather.calls).toHaveLength(rounds);
  expect(bench.platform.shown).toHaveLength(1);
});

test("after so many tokens the model has to answer", async () => {
  const model = asking();
  model.callUsage = { promptTokens: 900, replyTokens: 100 };
  const weather = readingToy("weather", () => "Sunny.");
  await using bench = await openLimited(model, { tokens: 3_000 }, weather);
  await bench.say("one", "how will Friday be?");
  expect(weather.calls).toHaveLength(3);
  expect(bench.platform.shown.at(-1)).toContain("Sunny.");
});

test("a tool that is too slow is aborted in time for an answer", async () => {
  const weather = readingToy("weather", (_, signal) => untilAborted(signal));
  await using bench = await openLimited(asking(), { ms: 4_000 }, weather);
  await bench.say("one", "how will Friday be?");
  expect(bench.platform.shown.at(-1)).toContain("Error: weather failed.");
  expect(weather.calls).toHaveLength(1);
});

test("a writing call is not aborted when the time for tools is over", async () => {
  const done = Promise.withResolvers<string>();
  const weather = writingToy("weather", () => {
    setTimeout(() => done.resolve("Written."), 2_400);
    return done.promise;
  });
  await using bench = await openRealBench({
    model: asking(),
    tools: [weather],
    changed: () => ({ answerLimits: { ...noLimit, ms: 3_000 } }),
  });
  await bench.say("one", "write it down");
  expect(weather.keys).toHaveLength(1);
  expect(bench.platform.shown.at(-1)).not.toContain("I don't know");
});

test("an answer that exceeds its time is cut, and says so", async () => {
  const model = new ScriptedModel(async function* (_, signal) {
    yield "Half an answer, and ";
    await untilAborted(signal);
  });
  await using bench = await openLimited(model, { ms: 2_000 });
  await bench.say("one", "tell me a long story");
  expect(bench.platform.shown).toEqual([
    "Half an answer, and\n\n*(I ran out of time here. Press Continue, or ask me to go on.)*",
  ]);
});

test("an answer that has not begun in time is replaced by a friendly line", async () => {
  const model = new ScriptedModel(async function* (_, signal) {
    yield "";
    await untilAborted(signal);
  });
  await using bench = await openLimited(model, { ms: 200 });
  await bench.say("one", "tell me a long story");
  expect(bench.platform.shown).toEqual([
    expect.stringMatching(/^I ran out of time before I had an answer\./u),
  ]);
});
