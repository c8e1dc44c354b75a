import { describe, expect, test } from "vitest";

import type { ToolCall } from "../../../src/domain/prompt.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { readingToy } from "../../support/core/toy-tools.ts";

const call: ToolCall = { id: "1", name: "weather", argument: '{"of":"Friday"}' };

describe("a model that keeps calling tools", () => {
  test("gets no tools after some rounds, and answers from the results", async () => {
    const model = new ScriptedModel(async function* ({ messages }) {
      yield `It says ${messages.at(-1)?.text ?? ""}`;
    });
    model.calls = ({ tools }) => (tools === undefined ? [] : [call]);
    const weather = readingToy("weather", () => "Sunny on Friday.");
    await using bench = await openRealBench({ model, tools: [weather] });
    await bench.say("one", "how will Friday be?");
    expect(bench.platform.shown.at(-1)).toContain("Sunny on Friday.");
    expect(weather.calls).toHaveLength(3);
    expect(model.prompts.map(({ tools = [] }) => tools.length)).toEqual([1, 1, 1, 0]);
    expect(model.prompts.at(-1)?.calls).toBeUndefined();
  });

  test("fails with only-calls if it still gives no answer", async () => {
    const model = new ScriptedModel();
    model.calls = () => [call];
    await using bench = await openRealBench({ model, tools: [readingToy("weather", () => "Unknown.")] });
    await bench.say("one", "how will Friday be?");
    expect(bench.platform.shown.at(-1)).toContain("kept looking things up and never answered");
    expect(model.prompts).toHaveLength(4);
  });
});
