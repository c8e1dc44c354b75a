import { describe, expect, test } from "vitest";

import type { AnsweredCall, Prompt, ToolDefinition } from "../../../src/domain/prompt.ts";
import type { ModelRequest } from "../../support/openai/model-request.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { callOf, calls, says, streams, type Script } from "../../support/openai/script.ts";
import { encryptedThought } from "../../support/openai/thoughts.ts";
import { apis, hear, openModel, prompt, type Heard } from "./open-model.ts";

const recall: ToolDefinition = {
  name: "recall",
  description: "Looks up what was said.",
  parameters: {
    type: "object",
    properties: { words: { type: "string", description: "Telling words" } },
    required: ["words"],
    additionalProperties: false,
  },
};
const asked: Prompt = { ...prompt, tools: [recall] };
const venue = calls("recall", { words: "venue" });
const soon = (): AbortSignal => AbortSignal.timeout(600_000);

/** The prompt again, with an answer to each call that was heard. */
function answered(before: Prompt, heard: Heard, result: string): Prompt {
  const news = heard.called.flatMap((output) =>
    output.calls.map((call, index): AnsweredCall => ({
      call,
      result: `${result} ${index + 1}`,
      ...(index === 0 ? { provider: output.provider } : {}),
    })),
  );
  return { ...before, calls: [...(before.calls ?? []), ...news] };
}

describe.each(apis)("function calls over %s", (api) => {
  test("replace an answer, which continues with their results, in two rounds", async () => {
    const scripts: Script[] = [
      { ...venue, usage: { promptTokens: 50, cachedTokens: 0, replyTokens: 9 } },
      streams(
        [{ say: "I look " }, { say: "once more." }, { call: callOf("recall", { words: "hall" }) }],
        "complete",
      ),
      says("In the big hall."),
    ];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model } = openModel(standIn, { api });

    const first = await hear(model, soon(), asked);
    expect(first).toMatchObject({ text: "", finished: [] });
    expect(first.called).toMatchObject([
      {
        calls: [{ name: "recall", argument: '{"words":"venue"}' }],
        usage: { promptTokens: 50, cachedTokens: 0, replyTokens: 9 },
      },
    ]);

    const secondPrompt = answered(asked, first, "nothing");
    const second = await hear(model, soon(), secondPrompt);
    expect(second.text).toBe("I look once more.");
    expect(second.called[0]?.calls).toMatchObject([{ name: "recall", argument: '{"words":"hall"}' }]);

    const third = await hear(model, soon(), answered(secondPrompt, second, "[1] Ada: the big hall"));
    expect(third).toMatchObject({ text: "In the big hall.", called: [], finished: [{ isCut: false }] });
    expect(standIn.requests[2]?.results).toEqual([
      { name: "recall", argument: '{"words":"venue"}', result: "nothing 1" },
      { name: "recall", argument: '{"words":"hall"}', result: "[1] Ada: the big hall 1" },
    ]);
    expect(standIn.requests[2]?.messages).toEqual(standIn.requests[0]?.messages);
    expect(standIn.refusals).toEqual([]);
  });

  test("may come several at a time, and are answered together", async () => {
    const both = streams(
      [{ call: callOf("recall", { words: "venue" }) }, { call: callOf("recall", { words: "naïve 🧵" }) }],
      "complete",
    );
    const scripts: Script[] = [both, says("Done.")];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model } = openModel(standIn, { api });
    const first = await hear(model, soon(), asked);
    expect(first.called[0]?.calls.map(({ argument }) => argument)).toEqual([
      '{"words":"venue"}',
      '{"words":"naïve 🧵"}',
    ]);
    expect(new Set(first.called[0]?.calls.map(({ id }) => id)).size).toBe(2);
    expect(await hear(model, soon(), answered(asked, first, "found"))).toMatchObject({ text: "Done." });
    expect(standIn.requests[1]?.results.map(({ result }) => result)).toEqual(["found 1", "found 2"]);
    expect(standIn.refusals).toEqual([]);
  });

  test.each([
    ["broken JSON", "recall", '{"words":'],
    ["nothing", "recall", ""],
    ["a function that isn't there", "launch_rocket", "{}"],
  ])("are passed on completely: with %s", async (_, name, argument) => {
    const scripts: Script[] = [calls(name, argument), says("Sorry.")];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model } = openModel(standIn, { api });
    const heard = await hear(model, soon(), asked);
    expect(heard.called).toMatchObject([{ calls: [{ name, argument }] }]);
    // What was called so is given back so.
    expect(await hear(model, soon(), answered(asked, heard, "Error:"))).toMatchObject({ text: "Sorry." });
    expect(standIn.requests[1]?.results).toEqual([{ name, argument, result: "Error: 1" }]);
    expect(standIn.refusals).toEqual([]);
  });

  test("are sent as text if they came from elsewhere", async () => {
    await using standIn = await startOpenAiStandIn();
    const call = { id: "call_9", name: "recall", argument: '{"words":"venue"}' };
    const heard = await hear(openModel(standIn, { api }).model, soon(), {
      ...asked,
      calls: [{ call, result: "nothing" }],
    });
    expect(heard.error).toBeUndefined();
    expect(standIn.requests[0]?.results).toEqual([
      { name: "recall", argument: '{"words":"venue"}', result: "nothing" },
    ]);
  });

  test("stand before the messages, and leave the beginning of the prompt unchanged", async () => {
    const long = { ...asked, instructions: "Be kind. ".repeat(1_000) };
    const scripts: Script[] = [venue, says("Here."), says("More.")];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model } = openModel(standIn, { api });
    const first = await hear(model, soon(), long);
    const second = await hear(model, soon(), answered(long, first, "found"));
    const third = await hear(model, soon(), {
      ...long,
      messages: [
        ...long.messages,
        { role: "bot", content: "Here." },
        { role: "person", content: "Ada: and?" },
      ],
    });
    expect(first.called[0]?.usage?.cachedTokens).toBe(0);
    expect(second.finished[0]?.usage?.cachedTokens).toBeGreaterThan(2_900);
    expect(third.finished[0]?.usage?.cachedTokens).toBeGreaterThan(2_900);
  });

  test.each([
    ["a stream that is cut", streams([{ beginCall: callOf("recall", { words: "venue" }) }], "cut")],
    ["a stream that ends early", streams([{ beginCall: callOf("recall", { words: "venue" }) }], "unclosed")],
    ["an error in the stream", streams([], { error: "server_error" })],
  ])("are requested again after %s, since half a call is none", async (_, broken) => {
    const scripts: Script[] = [broken, venue];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model, waitsMs } = openModel(standIn, { api });
    const heard = await hear(model, soon(), asked);
    expect(heard.error).toBeUndefined();
    expect(heard.called[0]?.calls).toMatchObject([{ argument: '{"words":"venue"}' }]);
    expect(waitsMs).toHaveLength(1);
  });

  test("are requested once more, with more room, if the length limit cut the call", async () => {
    const cut = streams([{ beginCall: callOf("recall", { words: "venue" }) }], "max-output-tokens");
    const scripts: Script[] = [cut, venue];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    expect((await hear(openModel(standIn, { api }).model, soon(), asked)).called).toHaveLength(1);
    expect(standIn.requests.map(({ maxTokens }) => maxTokens)).toEqual([6_000, 8_000]);
  });

  test("don't hide a stall or the signal in the middle of a call", async () => {
    const stalls = streams([{ beginCall: callOf("recall", { words: "venue" }) }], "stall");
    await using standIn = await startOpenAiStandIn({ respond: () => stalls });
    const stalled = await hear(openModel(standIn, { api, idleMs: 500 }).model, soon(), asked);
    expect(stalled).toMatchObject({ called: [], error: { kind: "stalled" } });
    const abort = new AbortController();
    const reason = new Error("stop pressed");
    const hearing = hear(openModel(standIn, { api }).model, abort.signal, asked);
    await expect.poll(() => standIn.requests.length).toBe(2);
    abort.abort(reason);
    expect(await hearing).toMatchObject({ called: [], error: reason });
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("without a call or text are no answer", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => streams([], "complete") });
    const heard = await hear(openModel(standIn, { api }).model, soon(), asked);
    expect(heard).toMatchObject({ called: [], error: { kind: "empty" } });
  });
});

describe("the model's reasoning before a call", () => {
  const inputOf = (request: ModelRequest | undefined): readonly string[] =>
    request !== undefined && "input" in request.body
      ? request.body.input.map((item) => JSON.stringify(item))
      : [];
  const thought = (id: string): string =>
    `{"id":"${id}","type":"reasoning","summary":[],"encrypted_content":"${encryptedThought(id)}"}`;

  test("is sent back byte for byte over Responses, in its place, round after round", async () => {
    const both = streams(
      [
        { say: "Hm." },
        { call: callOf("recall", { words: "a" }) },
        { call: callOf("recall", { words: "b" }) },
      ],
      "complete",
    );
    const scripts: Script[] = [both, venue, says("Done.")];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model } = openModel(standIn, { api: "responses" });
    const second = answered(asked, await hear(model, soon(), asked), "one");
    const third = answered(second, await hear(model, soon(), second), "two");
    expect((await hear(model, soon(), third)).text).toBe("Done.");
    expect(standIn.refusals).toEqual([]);
    expect(inputOf(standIn.requests[2]).slice(3)).toEqual([
      thought("rs_1"),
      '{"id":"msg_1_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hm."}]}',
      '{"id":"fc_1_2","type":"function_call","status":"completed","call_id":"call_1_2","name":"recall","arguments":"{\\"words\\":\\"a\\"}"}',
      '{"id":"fc_1_3","type":"function_call","status":"completed","call_id":"call_1_3","name":"recall","arguments":"{\\"words\\":\\"b\\"}"}',
      '{"type":"function_call_output","call_id":"call_1_2","output":"one 1"}',
      '{"type":"function_call_output","call_id":"call_1_3","output":"one 2"}',
      thought("rs_2"),
      '{"id":"fc_2_1","type":"function_call","status":"completed","call_id":"call_2_1","name":"recall","arguments":"{\\"words\\":\\"venue\\"}"}',
      '{"type":"function_call_output","call_id":"call_2_1","output":"two 1"}',
    ]);
  });

  test.each([
    ["asked for with functions", asked, {}, ["reasoning.encrypted_content"]],
    ["not asked for without functions", prompt, {}, undefined],
    ["not asked for when the model is not to think", asked, { effort: "none" as const }, undefined],
  ])("is %s", async (_, what, options, include) => {
    await using standIn = await startOpenAiStandIn({ respond: () => says("Hello.") });
    expect((await hear(openModel(standIn, { api: "responses", ...options }).model, soon(), what)).text).toBe(
      "Hello.",
    );
    expect(standIn.requests.map(({ body }) => ("include" in body ? body.include : undefined))).toEqual([
      include,
    ]);
  });

  test("is left out for a model without reasoning", async () => {
    const scripts: Script[] = [venue, says("Done.")];
    await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
    const { model } = openModel(standIn, { api: "responses", effort: "none" });
    const first = await hear(model, soon(), asked);
    expect((await hear(model, soon(), answered(asked, first, "found"))).text).toBe("Done.");
    expect(standIn.refusals).toEqual([]);
  });
});

test("the text before a call is sent back with it over Chat", async () => {
  const scripts: Script[] = [
    streams([{ say: "One " }, { say: "moment." }, { call: callOf("recall", {}) }], "complete"),
    says("Done."),
  ];
  await using standIn = await startOpenAiStandIn({ respond: () => scripts.shift() ?? says("too many") });
  const { model } = openModel(standIn, { api: "chat" });
  await hear(model, soon(), answered(asked, await hear(model, soon(), asked), "found"));
  const body = standIn.requests[1]?.body;
  expect(body !== undefined && "messages" in body ? body.messages.slice(-2) : []).toEqual([
    {
      role: "assistant",
      content: "One moment.",
      tool_calls: [{ id: "call_1_0", type: "function", function: { name: "recall", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "call_1_0", content: "found 1" },
  ]);
});

test("tools are sent in the form of each API", async () => {
  await using standIn = await startOpenAiStandIn();
  for (const api of apis) await hear(openModel(standIn, { api }).model, soon(), asked);
  const { name, description, parameters } = recall;
  expect(standIn.requests.map(({ body }) => body.tools)).toEqual([
    [{ type: "function", name, description, parameters, strict: true }],
    [{ type: "function", function: { name, description, parameters, strict: true } }],
  ]);
  expect(standIn.requests.map(({ api }) => api)).toEqual([...apis]);
});
