import { expect, test } from "vitest";

import { allTools } from "../../../src/conversation/all-tools.ts";
import type { ToolCall } from "../../../src/domain/prompt.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { deleted, edited } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel, type SeenPrompt } from "../../support/core/scripted-model.ts";
import { readingToy } from "../../support/core/toy-tools.ts";

const here = "fake:room:1";
const forecast: ToolCall = { id: "1", name: "weather", argument: '{"of":"Friday"}' };

/** Calls a tool, and is away before it has answered, until it is back. */
function leavingModel(call: ToolCall) {
  const state = { isAway: true };
  const model = new ScriptedModel(async function* ({ calls = [] }) {
    if (calls.length > 0 && state.isAway) throw new ModelError("unreachable", "away");
    yield calls.map(({ result }) => result).join("\n") || "Noted.";
  });
  model.calls = ({ calls = [], messages }) =>
    calls.length === 0 && messages.at(-1)?.text.includes("?") === true ? [call] : [];
  return { model, state };
}

const resultsIn = ({ calls = [] }: SeenPrompt): readonly string[] => calls.map(({ result }) => result);

test("an outage of the model after a call does not repeat the call", async () => {
  const { model, state } = leavingModel(forecast);
  const weather = readingToy("weather", () => "Sunny on Friday.");
  await using bench = await openRealBench({ model, tools: [weather] });
  await bench.say("one", "how will Friday be?");
  await bench.schedule(here);
  state.isAway = false;
  await bench.schedule(here);
  expect(bench.platform.shown).toEqual(["Sunny on Friday."]);
  expect(weather.calls).toHaveLength(1);
  expect(model.prompts.map(resultsIn)).toEqual([
    [],
    ["Sunny on Friday."],
    ["Sunny on Friday."],
    ["Sunny on Friday."],
  ]);
});

test("a question that was edited after a call is looked up again", async () => {
  const { model, state } = leavingModel(forecast);
  const weather = readingToy("weather", () => "Sunny on Friday.");
  await using bench = await openRealBench({ model, tools: [weather] });
  await bench.say("one", "how will Friday be?");
  state.isAway = false;
  await bench.take(edited("one", "how will Saturday be?"));
  expect(bench.platform.shown).toEqual(["Sunny on Friday."]);
  expect(weather.calls).toHaveLength(2);
  expect(JSON.stringify(model.prompts.at(-1))).toContain("Saturday");
});

test("a message that was found and then deleted reaches no prompt and no answer", async () => {
  const { model, state } = leavingModel({ ...forecast, name: "recall", argument: '{"words":"harbour"}' });
  await using bench = await openRealBench({ model, tools: allTools });
  const elsewhere = { conversation: "fake:room:2" } as const;
  await bench.say("secret", "the harbour code is swordfish-4711", elsewhere);
  await bench.file();
  await bench.say("one", "what is the harbour code?");
  expect(model.prompts.flatMap(resultsIn).join("")).toContain("swordfish-4711");
  await bench.take({ ...deleted("secret"), ...elsewhere });
  await bench.file();
  state.isAway = false;
  const before = model.prompts.length;
  await bench.schedule(here);
  expect(JSON.stringify(model.prompts.slice(before))).not.toContain("swordfish-4711");
  expect(bench.platform.shown.at(-1)).toContain("Nothing was found.");
});

test("calls that the journal has no room for are not made, and the model has to answer", async () => {
  const model = new ScriptedModel(async function* ({ tools }) {
    yield tools === undefined ? "It will be sunny." : "Hm.";
  });
  model.calls = ({ tools }) =>
    tools === undefined ? [] : [{ ...forecast, argument: JSON.stringify({ of: "x".repeat(300_000) }) }];
  const weather = readingToy("weather", () => "Sunny.");
  await using bench = await openRealBench({ model, tools: [weather], contextTokens: 1_000_000 });
  await bench.say("one", "how will Friday be?");
  expect(bench.platform.shown).toEqual(["It will be sunny."]);
  expect(weather.calls).toHaveLength(1);
});
