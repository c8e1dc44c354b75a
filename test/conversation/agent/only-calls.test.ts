import { describe, expect, test } from "vitest";

import { askModel } from "../../../src/conversation/agent/ask-model.ts";
import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import type { Prompt, ToolCall } from "../../../src/domain/prompt.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { payerIn } from "../../support/core/payer-in.ts";

const prompt: Prompt = {
  purpose: "answer",
  payer: payerIn("fake:room:1"),
  instructions: "Be kind.",
  messages: [{ role: "person", text: "Ada: when is the launch?" }],
  tools: [recallTool],
};
const call: ToolCall = { id: "1", name: "recall", argument: '{"words":"launch"}' };
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

describe("a model that keeps calling tools", () => {
  test("gets no tools after some rounds, and answers from the results", async () => {
    const model = new ScriptedModel(async function* ({ messages }) {
      yield `It says ${messages.at(-1)?.text ?? ""}`;
    });
    model.calls = ({ tools }) => (tools === undefined ? [] : [call]);
    const looked: string[] = [];
    const onCall = ({ argument }: ToolCall): Promise<string> => {
      looked.push(argument);
      return Promise.resolve("[1] Ada: on Friday");
    };
    const { text } = await askModel(model, prompt, { onCall }, soon());
    expect(text).toContain("[1] Ada: on Friday");
    expect(looked).toHaveLength(3);
    expect(model.prompts.map(({ tools = [] }) => tools.length)).toEqual([1, 1, 1, 0]);
    expect(model.prompts.at(-1)?.calls).toBeUndefined();
  });

  test("fails with only-calls if it still gives no answer", async () => {
    const model = new ScriptedModel();
    model.calls = () => [call];
    const asking = { onCall: () => Promise.resolve("Nothing was found.") };
    await expect(askModel(model, prompt, asking, soon())).rejects.toMatchObject({ kind: "only-calls" });
    expect(model.prompts).toHaveLength(4);
  });
});
