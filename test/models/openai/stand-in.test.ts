import { expect, test } from "vitest";
import { z } from "zod";

import { startOpenAiStandIn, type OpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { calls } from "../../support/openai/script.ts";
import { encryptedThought } from "../../support/openai/thoughts.ts";

const event = z.object({ type: z.string(), sequence_number: z.int() });
const goodBody = {
  model: "gpt-6-luna",
  instructions: "Be kind.",
  input: [{ role: "user", content: "Ada: hello" }],
  reasoning: { effort: "low" },
  max_output_tokens: 6_000,
  prompt_cache_key: "web:u:1",
  store: false,
  stream: true,
};

const goodSchema = {
  type: "object",
  properties: { words: { type: "string" } },
  required: ["words"],
  additionalProperties: false,
};
const withTools = (parameters: object): object => ({
  ...goodBody,
  tools: [{ type: "function", name: "recall", description: "Looks up.", parameters, strict: true }],
});
const callEvent = event.extend({ delta: z.string().optional() });

test("the stand-in numbers its events, and sends them in the order of the real API", async () => {
  await using standIn = await startOpenAiStandIn();
  const events = (await (await post(standIn, goodBody)).text())
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => event.parse(JSON.parse(line.slice(6))));
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
  const types = events.map(({ type }) => type);
  expect([...new Set(types)]).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.completed",
  ]);
});

test.each([
  ["an unknown field", { ...goodBody, temperature: 1 }],
  ["a field that is missing", { ...goodBody, store: undefined }],
  ["an unknown field further down", { ...goodBody, input: [{ role: "user", content: "x", name: "Ada" }] }],
  ["a limit that is too low", { ...goodBody, max_output_tokens: 15 }],
  ["a key of the cache that is too long", { ...goodBody, prompt_cache_key: "k".repeat(65) }],
  ["an effort that doesn't exist", { ...goodBody, reasoning: { effort: "huge" } }],
])("the stand-in refuses %s", async (_, body) => {
  await using standIn = await startOpenAiStandIn();
  expect((await post(standIn, body)).status).toBe(400);
  expect(standIn.requests).toEqual([]);
  expect(standIn.refusals).toHaveLength(1);
});

test("the stand-in refuses another key, another path and another model", async () => {
  await using standIn = await startOpenAiStandIn();
  expect((await post(standIn, goodBody, "Bearer other")).status).toBe(401);
  expect((await fetch(`${standIn.baseUrl}/files`, { headers: keyOf(standIn) })).status).toBe(404);
  expect((await post(standIn, { ...goodBody, model: "gpt-4o-mini" })).status).toBe(404);
});

test("the stand-in counts the common beginning of two prompts as cached", async () => {
  await using standIn = await startOpenAiStandIn();
  const long = { ...goodBody, instructions: "Be kind. ".repeat(1_000) };
  const cached = async (body: object): Promise<unknown> =>
    /"cached_tokens":(\d+)/u.exec(await (await post(standIn, body)).text())?.[1];
  expect(await cached(long)).toBe("0");
  expect(await cached({ ...long, input: [...long.input, { role: "user", content: "more" }] })).toBe("2944");
  expect(await cached({ ...long, instructions: `12:00 ${long.instructions}` })).toBe("0");
});

const thought = (id: string): object => ({
  id,
  type: "reasoning",
  summary: [],
  encrypted_content: encryptedThought(id),
});
const made = (request: number, at = 1): object => ({
  id: `fc_${request}_${at}`,
  type: "function_call",
  status: "completed",
  call_id: `call_${request}_${at}`,
  name: "recall",
  arguments: "{}",
});
const output = (callId: string): object => ({
  type: "function_call_output",
  call_id: callId,
  output: "found",
});
const withItems = (...items: readonly object[]): object => ({
  ...withTools(goodSchema),
  include: ["reasoning.encrypted_content"],
  input: [...goodBody.input, ...items],
});

test.each([
  ["a call with its thought and its output", [thought("rs_1"), made(1), output("call_1_1")]],
  [
    "two calls after one thought",
    [thought("rs_1"), made(1), made(1, 2), output("call_1_2"), output("call_1_1")],
  ],
  ["a call that it did not make", [{ ...made(1), id: undefined }, output("call_1_1")]],
])("the stand-in accepts %s", async (_, items) => {
  await using standIn = await startOpenAiStandIn();
  const response = await post(standIn, withItems(...items));
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("response.completed");
  expect(standIn.refusals).toEqual([]);
});

test.each([
  ["an output without a call", 400, "No tool call found", [output("call_9")]],
  ["an output before its call", 400, "No tool call found", [output("call_1_1"), thought("rs_1"), made(1)]],
  [
    "a second output",
    400,
    "No tool call found",
    [thought("rs_1"), made(1), output("call_1_1"), output("call_1_1")],
  ],
  [
    "a call without output",
    400,
    "No tool output found for function call call_1_1",
    [thought("rs_1"), made(1)],
  ],
  ["a call without its thought", 400, "without its required 'reasoning' item", [made(1), output("call_1_1")]],
  ["a thought that nothing follows", 400, "without its required following item", [thought("rs_1")]],
  [
    "a thought that was changed",
    400,
    "could not be verified",
    [{ ...thought("rs_1"), encrypted_content: encryptedThought("rs_2") }, made(1), output("call_1_1")],
  ],
  [
    "a thought without its content",
    404,
    "Items are not persisted",
    [{ ...thought("rs_1"), encrypted_content: undefined }, made(1), output("call_1_1")],
  ],
])("the stand-in refuses %s", async (_, status, words, items) => {
  await using standIn = await startOpenAiStandIn();
  const response = await post(standIn, withItems(...items));
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(words);
  expect(standIn.requests).toEqual([]);
});

test.each([
  ["an object that allows more", { ...goodSchema, additionalProperties: true }],
  ["a property that is not required", { ...goodSchema, required: [] }],
  ["a required property that is not there", { ...goodSchema, required: ["words", "more"] }],
  ["no object", { type: "string" }],
  [
    "such an object further down",
    { ...goodSchema, properties: { words: { type: "array", items: { type: "object", properties: {} } } } },
  ],
])("the stand-in refuses a strict function whose schema is %s", async (_, schema) => {
  await using standIn = await startOpenAiStandIn();
  const response = await post(standIn, withTools(schema));
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("invalid_function_parameters");
});

const chatCall = { id: "call_1", type: "function", function: { name: "recall", arguments: "{}" } };
const calling = { role: "assistant", content: null, tool_calls: [chatCall] };
const told = { role: "tool", tool_call_id: "call_1", content: "found" };

test.each([
  ["takes a call and its message", 200, "[DONE]", [calling, told]],
  ["refuses a call without its message", 400, "did not have response messages: call_1", [calling]],
  [
    "refuses words between a call and its message",
    400,
    "did not have",
    [calling, { role: "user", content: "x" }, told],
  ],
  ["refuses a message for no call", 400, "must be a response to a preceeding message", [told]],
  [
    "refuses a message for another call",
    400,
    "must be a response",
    [calling, { ...told, tool_call_id: "call_2" }],
  ],
])("the stand-in %s over Chat", async (_, status, words, messages) => {
  await using standIn = await startOpenAiStandIn();
  const response = await postTo(standIn, "chat/completions", {
    model: "gpt-6-luna",
    messages: [{ role: "system", content: "Be kind." }, { role: "user", content: "Ada: hi" }, ...messages],
    max_completion_tokens: 6_000,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(words);
});

test("the stand-in's calls come in parts, with the events of the real API", async () => {
  await using standIn = await startOpenAiStandIn({ respond: () => calls("recall", { words: "the venue" }) });
  const text = await (await post(standIn, withItems())).text();
  const events = text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => callEvent.parse(JSON.parse(line.slice(6))));
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((__, index) => index));
  const parts = events.filter(({ type }) => type === "response.function_call_arguments.delta");
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.map(({ delta }) => delta).join("")).toBe('{"words":"the venue"}');
  expect(events.slice(-3).map(({ type }) => type)).toEqual([
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.completed",
  ]);
});

function keyOf(standIn: OpenAiStandIn): Record<string, string> {
  return { authorization: `Bearer ${standIn.apiKey}` };
}

function post(standIn: OpenAiStandIn, body: object, authorization?: string): Promise<Response> {
  return postTo(standIn, "responses", body, authorization);
}

function postTo(
  standIn: OpenAiStandIn,
  path: string,
  body: object,
  authorization?: string,
): Promise<Response> {
  return fetch(`${standIn.baseUrl}/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...keyOf(standIn),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify(body),
  });
}
