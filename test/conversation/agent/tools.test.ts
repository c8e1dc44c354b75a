import { expect, test } from "vitest";

import { ToolBox } from "../../../src/conversation/agent/tool-box.ts";
import type { Tool } from "../../../src/conversation/agent/tool.ts";
import { allTools } from "../../../src/conversation/all-tools.ts";
import type { ToolCall } from "../../../src/domain/prompt.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { readingToy } from "../../support/core/toy-tools.ts";

/** Makes these calls once, and answers with the results. */
function calling(...calls: readonly ToolCall[]): ScriptedModel {
  const model = new ScriptedModel(async function* (prompt) {
    yield (prompt.calls ?? []).map(({ result }) => result).join("\n") || "No result.";
  });
  model.calls = ({ tools = [], calls: made = [] }) => (made.length > 0 || tools.length === 0 ? [] : calls);
  return model;
}

const forecast: ToolCall = { id: "1", name: "weather", argument: '{"of":"Friday"}' };
const sunny = (): Tool => readingToy("weather", () => "Sunny on Friday.");

test("a tool that is added to the list is offered to the model and carried out", async () => {
  const model = calling(forecast);
  await using bench = await openRealBench({ model, tools: [...allTools, sunny()] });
  await bench.say("one", "how will Friday be?");
  expect(model.prompts[0]?.tools?.map(({ name }) => name)).toEqual(["recall", "weather"]);
  expect(bench.platform.shown).toEqual(["Sunny on Friday."]);
});

test("a place has the tools of its settings, in the order of the list", async () => {
  const model = calling(forecast);
  await using bench = await openRealBench({
    model,
    tools: [...allTools, sunny()],
    changed: ({ place }) => ({ tools: place === "lab" ? ["weather", "recall"] : [] }),
  });
  await bench.say("one", "how will Friday be?", { conversation: "fake:lab:1", place: "lab" });
  await bench.say("two", "how will Friday be?", { conversation: "fake:hall:1", place: "hall" });
  expect(model.prompts[0]?.tools?.map(({ name }) => name)).toEqual(["recall", "weather"]);
  expect(model.prompts.at(-1)?.tools).toBe(undefined);
  expect(bench.platform.shown).toEqual(["Sunny on Friday.", "No result."]);
});

test.each([
  ["of a tool that is not there", { ...forecast, name: "stocks" }, "Error: there is only weather."],
  ["with arguments that are no object", { ...forecast, argument: "[1" }, "Error: the arguments are not"],
])("a call %s is answered with an error", async (_, call, told) => {
  const model = calling(call);
  await using bench = await openRealBench({ model, tools: [sunny()] });
  await bench.say("one", "how will Friday be?");
  expect(model.prompts.at(-1)?.calls?.[0]?.result).toContain(told);
});

test("a tool that fails is logged, and the model gets an error", async () => {
  const model = calling(forecast);
  const broken = readingToy("weather", () => Promise.reject(new Error("the thermometer is broken")));
  await using bench = await openRealBench({ model, tools: [broken] });
  await bench.say("one", "how will Friday be?");
  expect(bench.platform.shown).toEqual(["Error: weather failed. Say that you could not do it."]);
  expect(bench.log.lines).toContainEqual(
    expect.objectContaining({ message: "a tool failed; the model is told so" }),
  );
});

test("a result that is too long is cut before the model sees it", async () => {
  const model = calling(forecast);
  const long = readingToy("weather", () => "x".repeat(1_000_000));
  await using bench = await openRealBench({ model, tools: [long], contextTokens: 40_000 });
  await bench.say("one", "how will Friday be?");
  const { result = "" } = model.prompts.at(-1)?.calls?.[0] ?? {};
  expect(result.length).toBeLessThan(20_100);
  expect(result).toContain("characters are left out");
});

test("two tools of the same name are refused", () => {
  expect(() => new ToolBox([sunny(), sunny()])).toThrow("same name");
});
