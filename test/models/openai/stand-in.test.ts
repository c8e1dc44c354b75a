import { expect, test } from "vitest";
import { z } from "zod";

import { startOpenAiStandIn, type OpenAiStandIn } from "../../support/openai/openai-stand-in.ts";

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

test("the stand-in numbers its events and sends them in the order of the real API", async () => {
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
  expect((await fetch(`${standIn.baseUrl}/models`, { headers: keyOf(standIn) })).status).toBe(404);
  expect((await post(standIn, { ...goodBody, model: "gpt-4o-mini" })).status).toBe(404);
});

test("the stand-in counts as cached what a prompt shares with the one before", async () => {
  await using standIn = await startOpenAiStandIn();
  const long = { ...goodBody, instructions: "Be kind. ".repeat(1_000) };
  const cached = async (body: object): Promise<unknown> =>
    /"cached_tokens":(\d+)/u.exec(await (await post(standIn, body)).text())?.[1];
  expect(await cached(long)).toBe("0");
  expect(await cached({ ...long, input: [...long.input, { role: "user", content: "more" }] })).toBe("2176");
  expect(await cached({ ...long, instructions: `12:00 ${long.instructions}` })).toBe("0");
});

function keyOf(standIn: OpenAiStandIn): Record<string, string> {
  return { authorization: `Bearer ${standIn.apiKey}` };
}

function post(standIn: OpenAiStandIn, body: object, authorization?: string): Promise<Response> {
  return fetch(`${standIn.baseUrl}/responses`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...keyOf(standIn),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify(body),
  });
}
