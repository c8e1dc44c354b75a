import { describe, expect, test } from "vitest";

import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import { messagesIn, startPlainServer } from "../../support/openai/plain-server.ts";
import { startRawServer } from "../../support/openai/raw-server.ts";
import { hear, openModel, openModelAt, prompt, type Heard } from "./open-model.ts";

const asked = { ...prompt, tools: [recallTool.definition] };
const words = '{"words":"launch"}';
const recall = { name: "recall", arguments: words };
const event = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const chunk = (delta: object, reason: string | null = null): string =>
  event({ choices: [{ index: 0, delta, finish_reason: reason }] });
const parts = (...deltas: readonly unknown[]): string =>
  deltas.map((delta) => chunk({ tool_calls: [delta] })).join("") + chunk({}, "tool_calls");

async function hearBody(body: string, api: "chat" | "responses" = "chat"): Promise<Heard> {
  await using server = await startRawServer((response) => {
    response.end(body);
  });
  return await hear(openModel(server, { api }).model, AbortSignal.timeout(600_000), asked);
}

describe("a call is read once, and completely, that comes", () => {
  test.each([
    ["without an index or an id", parts({ function: recall })],
    ["with an index that is a word", parts({ index: "0", id: "a", function: recall })],
    [
      "with null for an argument before its parts",
      parts(
        { index: 0, id: "a", function: { name: "recall", arguments: null } },
        { index: 0, function: { arguments: words } },
      ),
    ],
    [
      "with an empty object before its parts",
      parts(
        { index: 0, id: "a", function: { name: "recall", arguments: "{}" } },
        { index: 0, function: { arguments: '{"words"' } },
        { index: 0, function: { arguments: ':"launch"}' } },
      ),
    ],
    ["twice", parts({ index: 0, id: "a", function: recall }, { index: 0, id: "a", function: recall })],
    [
      "with all that was said of it in each part",
      parts(
        { index: 0, id: "a", function: { name: "recall", arguments: '{"wor' } },
        { index: 0, id: "a", function: recall },
      ),
    ],
    [
      "with another id in each part",
      parts(
        { index: 0, id: "a", function: { name: "recall", arguments: '{"wor' } },
        { index: 0, id: "b", function: { arguments: 'ds":"launch"}' } },
      ),
    ],
    [
      "with its name in parts",
      parts(
        { index: 0, id: "a", function: { name: "rec" } },
        { index: 0, function: { name: "all" } },
        {
          index: 0,
          function: { arguments: words },
        },
      ),
    ],
    ["as an object and no list", chunk({ tool_calls: { id: "a", function: recall } }, "tool_calls")],
    ["without `function` around it", parts({ index: 0, id: "a", ...recall })],
    [
      "in the form of 2023",
      chunk({ function_call: { name: "recall", arguments: '{"wor' } }) +
        chunk({ function_call: { arguments: 'ds":"launch"}' } }, "function_call"),
    ],
    ["beside one without a name", parts({ index: 1, id: "b", function: {} }, { id: "a", function: recall })],
  ])("%s", async (_, body) => {
    const { called } = await hearBody(body);
    expect(called).toMatchObject([{ calls: [{ name: "recall", argument: words }] }]);
    expect(called[0]?.calls).toHaveLength(1);
  });

  test("beside another of the same index, without ids", async () => {
    const other = { name: "recall", arguments: '{"words":"roof"}' };
    const { called } = await hearBody(parts({ index: 0, function: recall }, { index: 0, function: other }));
    expect(called).toMatchObject([{ calls: [{ argument: words }, { argument: '{"words":"roof"}' }] }]);
  });

  test.each([[null], [{ index: 0, function: {} }], [{ index: 0, id: "a" }]])(
    "not, if nothing is called (%j)",
    async (call) => {
      const body = chunk({ content: "On Friday.", tool_calls: [call] }, "stop");
      expect(await hearBody(body)).toMatchObject({ text: "On Friday.", called: [], finished: [{}] });
    },
  );
});

describe("over Responses, a call is read", () => {
  const called = { type: "function_call", call_id: "a", name: "recall" };
  const thought = { type: "reasoning", summary: [] };
  const completed = (...output: readonly object[]): string =>
    event({ type: "response.completed", response: { output } });
  test.each([
    ["whose argument is an object", completed({ ...called, arguments: { words: "launch" } })],
    [
      "that only the closing event has",
      event({ type: "response.output_item.done", item: thought }) +
        completed(thought, { ...called, arguments: words }),
    ],
    [
      "that the closing event leaves out",
      event({ type: "response.output_item.done", item: { ...called, arguments: words } }) + completed(),
    ],
  ])("%s", async (_, body) => {
    const { called: heard } = await hearBody(body, "responses");
    expect(heard).toMatchObject([{ calls: [{ id: "a", name: "recall", argument: words }] }]);
  });
});

test("a call without an id gets one that every template accepts", async () => {
  const { called } = await hearBody(parts({ function: recall }));
  expect(called[0]?.calls[0]?.id).toMatch(/^[a-z\d]{9}$/u);
});

test("everything that the server sends with a call is sent back with it: thoughts as text, and signatures", async () => {
  const detail = (text: string): object => ({ type: "reasoning.text", text, index: 0 });
  const signature = { google: { thought_signature: "c2ln" } };
  const heard = await hearBody(
    chunk({ reasoning_content: "Ada asks ", reasoning_details: [detail("Ada asks ")] }) +
      chunk({ reasoning_content: "me.", reasoning_details: [{ ...detail("me."), signature: "c2ln" }] }) +
      chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "eA", index: 1 }] }) +
      parts({ index: 0, id: "a", function: recall, extra_content: signature }),
  );
  const [{ calls, provider } = { calls: [], provider: [] }] = heard.called;
  expect(calls).toEqual([{ id: "a", name: "recall", argument: words }]);
  await using server = await startPlainServer(() => undefined);
  const answered = calls.map((call) => ({ call, result: "[1] Ada: Friday", provider }));
  const { model } = openModelAt(`${server.origin}/v1`, { api: "chat" });
  await hear(model, AbortSignal.timeout(600_000), { ...asked, calls: answered });
  expect(messagesIn(server.requests[0]).at(-2)).toMatchObject({
    role: "assistant",
    reasoning_content: "Ada asks me.",
    reasoning_details: [
      { ...detail("Ada asks me."), signature: "c2ln" },
      { type: "reasoning.encrypted", data: "eA", index: 1 },
    ],
    tool_calls: [{ id: "a", extra_content: signature }],
  });
});
