import { describe, expect, test } from "vitest";

import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { says, streams } from "../../support/openai/script.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";

const asked = { ...prompt, tools: [recallTool.definition] };
const soon = (): AbortSignal => AbortSignal.timeout(600_000);

describe.each(apis)("over %s", (api) => {
  test("thoughts in the text are not shown, and the answer is shown at once", async () => {
    const spoken = Promise.withResolvers<void>();
    await using standIn = await startOpenAiStandIn({
      respond: () =>
        streams(
          [
            { sayByteByByte: "<think>Grace is slow.</think>\n\nOn " },
            { hold: spoken.promise },
            { say: "Friday." },
          ],
          "complete",
        ),
    });
    const heard: string[] = [];
    for await (const output of openModel(standIn, { api }).model.answer(prompt, soon())) {
      if (output.kind !== "piece") continue;
      heard.push(output.text);
      if (heard.join("") === "On ") spoken.resolve();
    }
    expect(heard.join("")).toBe("On Friday.");
  });

  test("thoughts without an answer are requested again, with more room", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () =>
        standIn.requests.length === 1
          ? streams([{ say: "<think>Grace is" }], "max-output-tokens")
          : says("Hm.\n</think>", "On Friday."),
    });
    expect(await hear(openModel(standIn, { api }).model)).toMatchObject({ text: "On Friday." });
    expect(standIn.requests.map(({ maxTokens }) => maxTokens)).toEqual([6_000, 8_000]);
  });

  test("a call in the text is carried out, and its result is sent back with it", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: ({ results }) =>
        results.length === 0
          ? says("Let me look.\n<tool_", 'call>{"name":"recall","arguments":{"words":"launch"}}</tool_call>')
          : says("On Friday."),
    });
    const { model } = openModel(standIn, { api });
    const { called, text } = await hear(model, soon(), asked);
    const [{ calls, provider } = { calls: [], provider: [] }] = called;
    expect(text).toBe("Let me look.\n");
    expect(calls).toMatchObject([{ name: "recall", argument: '{"words":"launch"}' }]);
    const answered = calls.map((call) => ({ call, result: "[1] Ada: Friday", provider }));
    expect(await hear(model, soon(), { ...asked, calls: answered })).toMatchObject({ text: "On Friday." });
    expect(standIn.refusals).toEqual([]);
    expect(standIn.requests[1]?.results).toMatchObject([{ name: "recall", result: "[1] Ada: Friday" }]);
  });

  test("a call in the text of an unknown function is dropped, and the model asked again", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () =>
        says(standIn.requests.length === 1 ? '[TOOL_CALLS][{"name":"launch","arguments":{}}]' : "On Friday."),
    });
    const heard = await hear(openModel(standIn, { api }).model, soon(), asked);
    expect(heard).toMatchObject({ text: "On Friday.", called: [] });
  });
});

describe("over chat, where no other field marks thoughts", () => {
  const api = "chat";

  test("thoughts with only an end mark are retracted once, and not shown from then on", async () => {
    const shown = Promise.withResolvers<void>();
    await using standIn = await startOpenAiStandIn({
      respond: () =>
        streams(
          [
            { say: "Grace " },
            { say: "is slow." },
            { hold: shown.promise },
            { say: "\n</think>\n\nOn Friday." },
          ],
          "complete",
        ),
    });
    const { model } = openModel(standIn, { api });
    const first = await hear(model, soon(), prompt, (text) => {
      if (text === "Grace is slow.") shown.resolve();
    });
    expect(first).toMatchObject({ text: "On Friday.", withdrawn: ["Grace is slow."] });
    const again = await hear(model);
    expect(again).toMatchObject({ text: "On Friday.", finished: [{ isCut: false }] });
    expect(again.withdrawn).toBeUndefined();
  });

  test("text that resembles thoughts waits in the first answer, and in no later one", async () => {
    const spoken = Promise.withResolvers<void>();
    await using standIn = await startOpenAiStandIn({
      respond: () =>
        standIn.requests.length === 1
          ? says("Okay", ", the user ", "is slow.", "\n</think>\n\n", "On Friday.")
          : streams(
              [
                { say: "<think>Hm.</think>" },
                { say: "Okay, on " },
                { hold: spoken.promise },
                { say: "Friday." },
              ],
              "complete",
            ),
    });
    const { model } = openModel(standIn, { api });
    const first = await hear(model);
    expect(first).toMatchObject({ text: "On Friday." });
    expect(first.withdrawn).toBeUndefined();
    const heard: string[] = [];
    for await (const output of model.answer(prompt, soon())) {
      if (output.kind === "piece") heard.push(output.text);
      spoken.resolve();
    }
    expect(heard.join("")).toBe("Okay, on Friday.");
  });

  test("an answer that only resembles thoughts is shown", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => says("Okay, ", "on Friday.") });
    const { model } = openModel(standIn, { api });
    expect(await hear(model)).toMatchObject({ text: "Okay, on Friday.", finished: [{ isCut: false }] });
    expect(await hear(model)).toMatchObject({ text: "Okay, on Friday." });
  });

  test.each([
    "deepseek-r1:8b",
    "Qwen/QwQ-32B",
    "phi-4-mini-reasoning",
    "LGAI-EXAONE/EXAONE-Deep-7.8B",
    "MiniMaxAI/MiniMax-M2",
    "open-thoughts/OpenThinker3-7B",
    "qwen3.5-27b",
  ])("a model whose name says that it thinks never shows thoughts: %s", async (name) => {
    await using standIn = await startOpenAiStandIn({
      models: [name],
      respond: () => says("Grace is slow.", "\n</think>\n\n", "On Friday."),
    });
    const heard = await hear(openModel(standIn, { api, model: name }).model);
    expect(heard).toMatchObject({ text: "On Friday." });
    expect(heard.withdrawn).toBeUndefined();
  });
});
