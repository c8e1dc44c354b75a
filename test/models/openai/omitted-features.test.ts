import { describe, expect, test } from "vitest";

import type { Prompt } from "../../../src/domain/prompt.ts";
import {
  messagesIn,
  startPlainServer,
  type PlainReply,
  type PlainRequest,
  type PlainServer,
} from "../../support/openai/plain-server.ts";
import { hear, openModelAt, prompt } from "./open-model.ts";

const hour = 3_600_000;
const parameters = { type: "object", properties: {}, required: [], additionalProperties: false };
const group: Prompt = {
  ...prompt,
  messages: [
    { role: "bot", content: "Noted." },
    { role: "person", content: "Ada: the launch is on Friday" },
    { role: "person", content: "Bo: in the harbour" },
    { role: "bot", content: "Noted, both." },
    { role: "person", content: "Grace: when is it?" },
    { role: "person", content: "Ada: and where?" },
  ],
  tools: [{ name: "recall", description: "Looks up.", parameters }],
};
const called: Prompt = {
  ...group,
  calls: [{ call: { id: "call_1", name: "recall", argument: "{}" }, result: "[1] Ada: Friday" }],
};

const error = (status: number, message: string, more: object = {}): PlainReply => ({
  status,
  json: { error: { message, ...more } },
});
const flat = (message: string): PlainReply => ({
  status: 400,
  json: { object: "error", message, type: "BadRequestError", param: null, code: 400 },
});
const open = (server: PlainServer, options: Parameters<typeof openModelAt>[1] = {}) =>
  openModelAt(`${server.origin}/v1`, { api: "chat", ...options });
const rolesIn = (request: PlainRequest): readonly string[] => messagesIn(request).map(({ role }) => role);

/** As chat templates check it: an optional system message, then user and assistant in turns. */
function isInTurns(request: PlainRequest, knowsSystem: boolean, knowsTools: boolean): boolean {
  const roles = messagesIn(request)
    .filter((message) => !(knowsTools && (message.role === "tool" || "tool_calls" in message)))
    .map(({ role }) => role);
  if (knowsSystem && roles[0] === "system") roles.shift();
  return roles.every((role, index) => role === (index % 2 === 0 ? "user" : "assistant"));
}

describe("a chat template", () => {
  const alternating: readonly (readonly [string, PlainReply])[] = [
    ["vLLM", flat("Conversation roles must alternate user/assistant/user/assistant/...")],
    [
      "Mistral's",
      flat(
        "After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.",
      ),
    ],
    [
      "llama.cpp",
      error(500, "Value is not callable: raise_exception at row 12", { code: 500, type: "server_error" }),
    ],
    [
      "LM Studio",
      {
        status: 400,
        json: {
          error:
            'Error rendering prompt with jinja template: "Error: Only user and assistant roles are supported!"',
        },
      },
    ],
    [
      "TGI",
      {
        status: 422,
        json: {
          error: "Template error: invalid operation: roles out of order",
          error_type: "template_error",
        },
      },
    ],
    [
      "Perplexity",
      error(
        400,
        "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).",
        { type: "invalid_message", code: 400 },
      ),
    ],
    [
      "llama.cpp's own",
      error(400, "Assistant response prefill is incompatible with enable_thinking.", { code: 400 }),
    ],
    [
      "DeepSeek",
      error(400, "m does not support successive user or assistant messages (messages[1] and messages[2])."),
    ],
    ["no word of it", error(400, "Bad request")],
  ];

  test.each(alternating)(
    "that needs alternating turns gets them (%s), at once the next time",
    async (_, refusal) => {
      await using server = await startPlainServer((request) =>
        isInTurns(request, true, true) ? undefined : refusal,
      );
      const { model } = open(server);
      expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday.", finished: [{}] });
      const before = server.requests.length;
      expect(before).toBeLessThanOrEqual(3);
      expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
      expect(server.requests).toHaveLength(before + 1);
      const last = messagesIn(server.requests.at(-1)).filter(({ role }) => role === "user");
      expect(last.at(-1)?.content).toBe("Grace: when is it?\n\nAda: and where?");
    },
  );

  test.each([
    ["Gemma", flat("System role not supported")],
    [
      "Google",
      error(400, "Developer instruction is not enabled for models/gemma-3-27b-it", {
        status: "INVALID_ARGUMENT",
      }),
    ],
    ["a list", error(422, "messages[0].role: unknown variant `system`, expected `user` or `assistant`")],
    ["turns", flat("Conversation roles must alternate user/assistant/user/assistant/...")],
    ["no word of it", error(400, "Bad request")],
  ])("without a system role gets the instructions with the first message (%s)", async (_, refusal) => {
    await using server = await startPlainServer((request) =>
      isInTurns(request, false, false) ? undefined : refusal,
    );
    const { model } = open(server);
    expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
    expect(server.requests.length).toBeLessThanOrEqual(4);
    const last = server.requests.at(-1);
    expect(messagesIn(last)[0]?.content).toContain("Be kind and brief.");
    expect(messagesIn(last)[1]).toEqual({ role: "assistant", content: "Noted." });
  });

  test.each([
    flat("Conversation roles must alternate user/assistant/user/assistant/..."),
    flat("Unexpected role 'tool' in the messages"),
    error(500, "Value is not callable: raise_exception"),
    error(500, "Cannot subscript null at row 23, column 40: set start = message.content[:9]"),
    error(500, "All non-assistant messages must contain 'content'", { code: 500 }),
    error(400, "Tool call IDs should be alphanumeric strings with length 9!"),
    error(400, "Bad request"),
  ])("without tool results gets them as text", async (refusal) => {
    await using server = await startPlainServer((request) =>
      rolesIn(request).includes("tool") || !isInTurns(request, false, false) ? refusal : undefined,
    );
    const { model } = open(server);
    expect(await hear(model, undefined, called)).toMatchObject({ text: "Friday." });
    expect(messagesIn(server.requests.at(-1)).at(-1)?.content).toContain("[1] Ada: Friday");
  });

  test("that rejects tool results gets them as text for an hour, and keeps its tools", async () => {
    let nowMs = 0;
    await using server = await startPlainServer((request) =>
      rolesIn(request).includes("tool") ? flat("Unexpected role 'tool' in the messages") : undefined,
    );
    const { model } = open(server, { clock: { nowMs: () => nowMs, sleep: () => Promise.resolve() } });
    for (const _ of [1, 2]) expect(await hear(model, undefined, called)).toMatchObject({ text: "Friday." });
    nowMs += hour;
    expect(await hear(model, undefined, called)).toMatchObject({ text: "Friday." });
    const sent = server.requests.map((request) => rolesIn(request).includes("tool"));
    expect(sent).toEqual([true, false, false, true, false]);
    expect(server.requests.every(({ body }) => "tools" in body)).toBe(true);
  });

  test("that is known to need alternating turns gets them from the beginning", async () => {
    await using server = await startPlainServer(() => undefined);
    expect(await hear(open(server, { preset: "perplexity" }).model, undefined, group)).toMatchObject({
      text: "Friday.",
    });
    expect(server.requests.map(rolesIn)).toEqual([
      ["system", "user", "assistant", "user", "assistant", "user"],
    ]);
  });
});

describe("a parameter that a server does not know", () => {
  const cases: readonly (readonly [string, string, PlainReply, "chat" | "responses"])[] = [
    [
      "max_completion_tokens",
      "Mistral",
      {
        status: 422,
        json: {
          object: "error",
          message: {
            detail: [
              {
                type: "extra_forbidden",
                loc: ["body", "max_completion_tokens"],
                msg: "Extra inputs are not permitted",
                input: 6000,
              },
            ],
          },
          type: "invalid_request_error",
        },
      },
      "chat",
    ],
    [
      "max_completion_tokens",
      "a text",
      error(400, "Unrecognized request argument supplied: max_completion_tokens"),
      "chat",
    ],
    ["max_completion_tokens", "no word of it", error(400, "Invalid request"), "chat"],
    [
      "stream_options",
      "FastAPI",
      {
        status: 422,
        json: { detail: [{ loc: ["body", "stream_options"], msg: "extra fields not permitted" }] },
      },
      "chat",
    ],
    [
      "prompt_cache_key",
      "Gemini",
      {
        status: 400,
        json: [
          {
            error: {
              code: 400,
              message: 'Invalid JSON payload received. Unknown name "prompt_cache_key": Cannot find field.',
              status: "INVALID_ARGUMENT",
            },
          },
        ],
      },
      "chat",
    ],
    [
      "reasoning_effort",
      "Ollama",
      error(400, '"llama3.2" does not support thinking', { type: "api_error" }),
      "chat",
    ],
    [
      "reasoning_effort",
      "Groq",
      error(400, "`reasoning_effort` is not supported with this model", { type: "invalid_request_error" }),
      "chat",
    ],
    [
      "reasoning",
      "OpenAI",
      error(400, "Unsupported parameter: 'reasoning.effort' is not supported with this model.", {
        param: "reasoning.effort",
        code: "unsupported_parameter",
      }),
      "responses",
    ],
    [
      "include",
      "OpenAI",
      error(400, "Encrypted content is not supported with this model.", { param: "include" }),
      "responses",
    ],
    [
      "store",
      "a gateway",
      { status: 422, json: { detail: [{ loc: ["body", "store"], msg: "Extra inputs are not permitted" }] } },
      "responses",
    ],
    [
      "max_output_tokens",
      "Codex's gateway",
      { status: 400, json: { detail: "Unsupported parameter: max_output_tokens" } },
      "responses",
    ],
    [
      "reasoning_effort",
      "Gemini",
      error(400, "Thinking level MINIMAL is not supported for this model.", { status: "INVALID_ARGUMENT" }),
      "chat",
    ],
    [
      "reasoning_effort",
      "a router",
      error(404, "No endpoints found that can handle the requested parameters.", { code: 404 }),
      "chat",
    ],
    ["tools", "llama.cpp", error(400, "failed to parse grammar", { code: 400 }), "chat"],
    [
      "tools",
      "Ollama",
      error(400, "registry.ollama.ai/library/gemma3:latest does not support tools"),
      "chat",
    ],
  ];

  test.each(cases)(
    "%s (in the words of %s) is left out, and tried again after an hour",
    async (name, _, refusal, api) => {
      let nowMs = 0;
      await using server = await startPlainServer(({ body }) => (name in body ? refusal : undefined));
      const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
      const { model, log } = open(server, { api, clock, effort: "low" });
      expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
      expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
      expect(server.requests.map(({ body }) => name in body)).toEqual([true, false, false]);
      expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
      nowMs += hour;
      expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
      expect(server.requests.map(({ body }) => name in body)).toEqual([true, false, false, true, false]);
      expect(server.requests.every(({ body }) => "tools" in body)).toBe(name !== "tools");
    },
  );

  test("max_completion_tokens is replaced by max_tokens, and the other way round", async () => {
    await using older = await startPlainServer(({ body }) =>
      "max_completion_tokens" in body ? error(400, "max_completion_tokens: unknown field") : undefined,
    );
    await hear(open(older).model);
    expect(older.requests[1]?.body).toMatchObject({ max_tokens: 6_000 });
  });

  test.each([
    [
      "none",
      "low",
      "Unsupported value: 'none' is not supported with the 'gpt-5' model. Supported values are: 'low', 'medium', and 'high'.",
    ],
    ["xhigh", "high", "Unsupported value: 'xhigh'. Supported values are: 'low', 'medium', and 'high'."],
  ] as const)(
    "the effort %s becomes %s where the server lists its levels",
    async (effort, instead, message) => {
      await using server = await startPlainServer(({ body }) =>
        JSON.stringify(body["reasoning"]).includes(`"${effort}"`)
          ? error(400, message, { param: "reasoning.effort", code: "unsupported_value" })
          : undefined,
      );
      const { model } = open(server, { api: "responses", effort });
      expect(await hear(model)).toMatchObject({ text: "Friday." });
      expect(server.requests[1]?.body["reasoning"]).toEqual({ effort: instead });
    },
  );
});

test("an effort that is refused although the server lists it is not requested repeatedly", async () => {
  const message = `invalid reasoning value: 'xhigh' (must be "high", "medium", "low", or "none")`;
  await using server = await startPlainServer(({ body }) =>
    "reasoning_effort" in body ? error(400, message) : undefined,
  );
  const { model } = open(server, { effort: "xhigh" });
  expect(await hear(model)).toMatchObject({ text: "Friday." });
  expect(server.requests.map(({ body }) => body["reasoning_effort"])).toEqual([
    "xhigh",
    "high",
    "medium",
    undefined,
  ]);
  expect(await hear(model)).toMatchObject({ text: "Friday." });
  expect(server.requests).toHaveLength(5);
});

test("a schema is sent without the parts of strict mode where these are refused", async () => {
  await using server = await startPlainServer(({ body }) =>
    JSON.stringify(body).includes("additionalProperties")
      ? error(
          400,
          `Unknown name "additionalProperties" at 'tools[0].function.parameters': Cannot find field.`,
        )
      : undefined,
  );
  expect(await hear(open(server).model, undefined, group)).toMatchObject({ text: "Friday." });
  expect(server.requests.map(({ body }) => "tools" in body)).toEqual([true, true]);
});

test("a refusal of template options does not remove the tools", async () => {
  await using server = await startPlainServer(({ body }) =>
    "chat_template_kwargs" in body ? error(400, "Failed to parse chat_template_kwargs") : undefined,
  );
  const { model } = open(server, { effort: "none", preset: "llamacpp" });
  expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
  expect(server.requests.map(({ body }) => "tools" in body)).toEqual([true, true]);
});

describe("one failed function call", () => {
  test.each([
    error(
      400,
      "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
      { type: "invalid_request_error", code: "tool_use_failed", failed_generation: "<function=recall>" },
    ),
    error(500, "error parsing tool call: raw='{\"words', err=unexpected end of JSON input"),
    error(500, "Failed to parse tool call arguments as JSON"),
  ])("removes the tools from that answer, and from no other", async (refusal) => {
    let isFailing = true;
    await using server = await startPlainServer(({ body }) =>
      isFailing && "tools" in body ? refusal : undefined,
    );
    const { model, log } = open(server);
    expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
    isFailing = false;
    expect(await hear(model, undefined, group)).toMatchObject({ text: "Friday." });
    expect(server.requests.map(({ body }) => "tools" in body)).toEqual([true, false, true]);
    expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });
});

test("a refusal that no change helps against is reported as it was first", async () => {
  await using server = await startPlainServer(({ body }) =>
    error(400, "Bad words", { code: "prompt_cache_key" in body ? "first" : "later" }),
  );
  const { error: told } = await hear(open(server).model, undefined, group);
  expect(String(told)).toContain("first");
  expect(server.requests).toHaveLength(3);
});

test.each([
  ["openrouter", "high", { reasoning: { effort: "high" } }],
  ["deepseek", "high", { thinking: { type: "enabled" } }],
  ["glm", "none", { thinking: { type: "disabled" } }],
  ["vllm", "none", { chat_template_kwargs: { enable_thinking: false } }],
  ["vllm", "low", { reasoning_effort: "low" }],
  ["groq", "medium", { reasoning_effort: "medium" }],
] as const)("%s gets the effort %s in its own form", async (preset, effort, form) => {
  await using server = await startPlainServer(() => undefined);
  expect(await hear(open(server, { preset, effort }).model)).toMatchObject({ text: "Friday." });
  expect(server.requests[0]?.body).toMatchObject(form);
});
