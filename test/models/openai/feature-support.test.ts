import { describe, expect, test } from "vitest";

import type { Prompt } from "../../../src/domain/prompt.ts";
import type { ModelRequest } from "../../support/openai/model-request.ts";
import { startOpenAiStandIn, type OpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { answersError, calls, says, type Script } from "../../support/openai/script.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";

const parameters = { type: "object", properties: {}, required: [], additionalProperties: false };
const asked: Prompt = { ...prompt, tools: [{ name: "recall", description: "Looks up.", parameters }] };
const soon = (): AbortSignal => AbortSignal.timeout(600_000);
const hasTools = ({ tools }: ModelRequest): boolean => tools.length > 0;
const answer = says("Friday.");

/** A server that refuses what the test says, and answers everything else. */
function startRefusing(refuses: (request: ModelRequest) => boolean, refusal: Script): Promise<OpenAiStandIn> {
  return startOpenAiStandIn({ respond: (request) => (refuses(request) ? refusal : answer) });
}

const withBody = (status: number, body: string): Script => ({ ...answersError(status, null), body });

describe.each(apis)("a self-hosted server over %s", (api) => {
  test.each([
    // As Ollama, llama.cpp, vLLM and gateways word it in public issues.
    ["a model without tools", answersError(400, null, { message: "llama2:latest does not support tools" })],
    ["a fault for tools", answersError(500, null, { message: "tools param requires --jinja flag" })],
    [
      "a setting for tools",
      answersError(400, null, { message: '"auto" tool choice requires --enable-auto-tool-choice' }),
    ],
    ["no route for tools", answersError(404, null, { message: "No endpoints found that support tool use." })],
    ["no such field", withBody(422, '{"detail":[{"type":"extra_forbidden","loc":["body","tools"]}]}')],
    ["an error of one string", withBody(400, '{"error":"tools are not supported"}')],
    ["no functions", answersError(400, "unsupported_parameter", { message: "Functions are not supported" })],
  ])(
    "without tool support (%s) is asked without tools from then on, and no one is warned",
    async (_, refusal) => {
      await using standIn = await startRefusing(hasTools, refusal);
      const { model, waitsMs, log } = openModel(standIn, { api });
      expect(await hear(model, soon(), asked)).toMatchObject({
        text: "Friday.",
        finished: [{ isCut: false }],
      });
      expect(await hear(model, soon(), asked)).toMatchObject({ text: "Friday." });
      expect(standIn.requests.map(hasTools)).toEqual([true, false, false]);
      expect(standIn.requests.every(({ cacheKey }) => cacheKey !== undefined)).toBe(true);
      expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
      expect(waitsMs).toEqual([]);
    },
  );

  test("without support for the cache key is asked without it, and keeps its tools", async () => {
    const refusal = answersError(400, null, {
      message: "Unrecognized request argument supplied: prompt_cache_key",
    });
    await using standIn = await startRefusing(({ cacheKey }) => cacheKey !== undefined, refusal);
    const { model } = openModel(standIn, { api });
    expect(await hear(model, soon(), asked)).toMatchObject({ text: "Friday." });
    expect(standIn.requests.map(hasTools)).toEqual([true, true]);
    expect(standIn.requests.map(({ cacheKey }) => cacheKey !== undefined)).toEqual([true, false]);
  });

  test.each([400, 422])(
    "that refuses with %i without a reason is asked in the plainest form",
    async (status) => {
      await using standIn = await startRefusing(hasTools, withBody(status, ""));
      const { model } = openModel(standIn, { api });
      expect(await hear(model, soon(), asked)).toMatchObject({ text: "Friday." });
      expect(standIn.requests.map(hasTools)).toEqual([true, true, false]);
      expect(standIn.requests.map(({ cacheKey }) => cacheKey !== undefined)).toEqual([true, false, false]);
    },
  );

  test("keeps its tools if their omission does not help", async () => {
    const refusal = answersError(400, null, { message: "The tool of the trade is wrong in your words" });
    let isRefusing = true;
    await using standIn = await startRefusing(() => isRefusing, refusal);
    const { model } = openModel(standIn, { api });
    expect(await hear(model, soon(), asked)).toMatchObject({ error: { kind: "rejected" } });
    expect(standIn.requests.map(hasTools)).toEqual([true, false, false]);
    isRefusing = false;
    expect(await hear(model, soon(), asked)).toMatchObject({ text: "Friday." });
    expect(standIn.requests.map(hasTools)).toEqual([true, false, false, true]);
  });

  test.each([
    ["a wrong key", answersError(401, null, { message: "No tools without a key" }), "bad-key"],
    ["no quota", answersError(429, "insufficient_quota", { message: "tools" }), "out-of-quota"],
  ])("gets no second request after %s", async (_, refusal, kind) => {
    await using standIn = await startRefusing(() => true, refusal);
    expect(await hear(openModel(standIn, { api }).model, soon(), asked)).toMatchObject({ error: { kind } });
    expect(standIn.requests).toHaveLength(1);
  });

  test("that refuses the results of a call gets them as text, this once", async () => {
    const refusal = answersError(400, null, { message: "Can't find a place for that" });
    await using standIn = await startOpenAiStandIn({
      respond: (request) =>
        request.results.length > 0 ? refusal : hasTools(request) ? calls("recall", {}) : answer,
    });
    const { model } = openModel(standIn, { api });
    const called = (await hear(model, soon(), asked)).called[0];
    const back = (called?.calls ?? []).map((call) => ({
      call,
      result: "[1] Ada: Friday",
      provider: called?.provider ?? [],
    }));
    expect(await hear(model, soon(), { ...asked, calls: back })).toMatchObject({ text: "Friday." });
    expect(standIn.requests.at(-1)?.messages.at(-1)?.text).toBe(
      "[Looked up with recall {}:\n[1] Ada: Friday]",
    );
    await hear(model, soon(), asked);
    expect(standIn.requests.map(hasTools)).toEqual([true, true, false, true]);
  });
});

test("a server that returns no reasoning is not asked for it, and still calls functions", async () => {
  const refusal = answersError(400, null, { message: "Encrypted content is not supported with this model." });
  const wants = ({ body }: ModelRequest): boolean => "include" in body;
  await using standIn = await startOpenAiStandIn({
    respond: (request) => {
      if (wants(request)) return refusal;
      return request.results.length > 0 ? answer : calls("recall", {});
    },
  });
  const { model } = openModel(standIn, { api: "responses" });
  const [called] = (await hear(model, soon(), asked)).called;
  expect(standIn.requests.map(wants)).toEqual([true, false]);
  expect(standIn.requests.map(hasTools)).toEqual([true, true]);
  const provider = called?.provider ?? [];
  const back = (called?.calls ?? []).map((call) => ({ call, result: "found", provider }));
  // Thoughts that are not encrypted stay here: the stand-in would refuse them, as the API does.
  expect(await hear(model, soon(), { ...asked, calls: back })).toMatchObject({ text: "Friday." });
  expect(standIn.requests.map(wants)).toEqual([true, false, false]);
  expect(standIn.refusals).toEqual([]);
});

describe("calls in the form of servers that only resemble OpenAI's", () => {
  const chunk = (delta: object, reason: string | null = null): { readonly raw: string } => ({
    raw: `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`,
  });
  const whole = (id: string | undefined, words: string, index?: number): object => ({
    ...(id === undefined ? {} : { id }),
    ...(index === undefined ? {} : { index }),
    type: "function",
    function: { name: "recall", arguments: JSON.stringify({ words }) },
  });

  test.each([
    [
      "each whole, all with one index",
      [{ tool_calls: [whole("a", "one", 0)] }, { tool_calls: [whole("b", "two", 0)] }],
    ],
    ["without an index", [{ tool_calls: [whole("a", "one"), whole("b", "two")] }]],
    ["without ids", [{ tool_calls: [whole(undefined, "one", 0), whole("", "two", 1)] }]],
    [
      "with the id in every part",
      [
        { tool_calls: [{ index: 0, id: "a", function: { name: "recall", arguments: '{"wor' } }] },
        {
          tool_calls: [
            { index: 0, id: "a", function: { name: null, arguments: 'ds":"one"}' } },
            whole("b", "two", 1),
          ],
        },
      ],
    ],
  ])("are parsed: %s", async (_, deltas) => {
    const steps = [...deltas.map((delta) => chunk(delta)), chunk({ tool_calls: null }), chunk({}, "stop")];
    await using standIn = await startOpenAiStandIn({
      respond: ({ results }) => (results.length > 0 ? answer : { kind: "stream", steps, ending: "unclosed" }),
    });
    const { model } = openModel(standIn, { api: "chat" });
    const [called] = (await hear(model, soon(), asked)).called;
    expect(called?.calls.map(({ name, argument }) => [name, argument])).toEqual([
      ["recall", '{"words":"one"}'],
      ["recall", '{"words":"two"}'],
    ]);
    expect(new Set(called?.calls.map(({ id }) => id)).size).toBe(2);
    const [first, second] = called?.calls ?? [];
    const back =
      first === undefined || second === undefined
        ? []
        : [
            { call: first, result: "found", provider: called?.provider ?? [] },
            { call: second, result: "found" },
          ];
    expect(await hear(model, soon(), { ...asked, calls: back })).toMatchObject({ text: "Friday." });
    expect(standIn.refusals).toEqual([]);
  });
});
