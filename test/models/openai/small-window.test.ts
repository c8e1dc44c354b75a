import { describe, expect, test } from "vitest";

import { textOf } from "../../../src/domain/content.ts";
import type { Prompt } from "../../../src/domain/prompt.ts";
import { newestThatFit } from "../../../src/conversation/prompt/fit-items.ts";
import {
  promptTokensIn,
  startPlainServer,
  type PlainReply,
  type PlainRequest,
  type PlainServer,
} from "../../support/openai/plain-server.ts";
import { tooLongReplies } from "../../support/openai/too-long-replies.ts";
import { hear, openModelAt, prompt, type Heard } from "./open-model.ts";
import { liveBudget } from "../../../src/conversation/memory/budget.ts";
import { retryWithLessRoom } from "../../../src/conversation/prompt/retry-with-less-room.ts";

const hour = 3_600_000;
const sentence = "the harbour wall will be painted on the second Monday of the month. ";
const long: Prompt = {
  ...prompt,
  messages: Array.from({ length: 120 }, (_, index) => ({
    role: index % 2 === 0 ? ("person" as const) : ("bot" as const),
    content: `Ada: ${sentence.repeat(6)}`,
  })).concat({ role: "person", content: "Ada: what colour is it?" }),
};

const roomIn = (request?: PlainRequest): number => Number(request?.body["max_completion_tokens"]);
const vllm = (window: number, request: PlainRequest): PlainReply => ({
  status: 400,
  json: {
    object: "error",
    message: `This model's maximum context length is ${window} tokens. However, you requested ${promptTokensIn(request) + roomIn(request)} tokens (${promptTokensIn(request)} in the messages, ${roomIn(request)} in the completion).`,
    code: 400,
  },
});

/** A server that counts. */
function startSmall(window: number, reply = vllm): Promise<PlainServer> {
  return startPlainServer((request) =>
    promptTokensIn(request) + roomIn(request) > window ? reply(window, request) : undefined,
  );
}

const open = (server: PlainServer, options: Parameters<typeof openModelAt>[1] = {}) =>
  openModelAt(`${server.origin}/v1`, { api: "chat", ...options });

/** As conversations ask: with the newest messages that have room. */
function askShortened(model: ReturnType<typeof open>["model"], asked: Prompt): Promise<Heard> {
  const budget = liveBudget(() => Math.min(16_000, (model.promptTokens?.() ?? Infinity) - 20), 16_000);
  return retryWithLessRoom(budget, async (room) => {
    const items = asked.messages.map((message) => ({ message, text: textOf(message.content) }));
    const fitting = newestThatFit(items, room, ({ text }) => model.countTokens(text) + 4);
    const messages = fitting.map(({ message }) => message);
    const heard = await hear(model, undefined, { ...asked, messages });
    if (heard.error !== undefined) throw heard.error;
    return heard;
  });
}

describe("a server with a small window", () => {
  test("gets a short prompt with less room for its answer, and the next one at once", async () => {
    await using server = await startSmall(4_096);
    const { model, log } = open(server);
    expect(await hear(model)).toMatchObject({ text: "Friday.", finished: [{}] });
    expect(await hear(model)).toMatchObject({ text: "Friday." });
    expect(server.requests.map(roomIn)).toEqual([6_000, expect.any(Number), expect.any(Number)]);
    expect(roomIn(server.requests[1])).toBeGreaterThan(3_000);
    expect(log.lines).toMatchObject([{ level: "info", facts: { windowTokens: 4_096 } }]);
  });

  test.each([2_000, 4_096, 8_192])(
    "of %i tokens gets a long prompt shortened, once, and the next one short at once",
    async (window) => {
      await using server = await startSmall(window);
      const { model } = open(server);
      expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
      expect(server.requests).toHaveLength(2);
      expect(promptTokensIn(server.requests[1])).toBeGreaterThan(window * 0.4);
      expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
      expect(server.requests).toHaveLength(3);
    },
  );

  test.each(tooLongReplies)("is understood in the words of $server, for any numbers", async (reply) => {
    await using server = await startSmall(3_000, () => reply);
    const { model } = open(server);
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(server.requests.length).toBeLessThanOrEqual(9);
    const before = server.requests.length;
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(server.requests).toHaveLength(before + 1);
  });

  test("that counts twice as many tokens as the bot gets prompts by its own count", async () => {
    const reply = (window: number, request: PlainRequest): PlainReply => ({
      status: 400,
      json: {
        error: {
          message: "too big",
          type: "exceed_context_size_error",
          n_ctx: window,
          n_prompt_tokens: promptTokensIn(request) * 2,
        },
      },
    });
    await using server = await startPlainServer((request) =>
      promptTokensIn(request) * 2 + roomIn(request) > 8_192 ? reply(8_192, request) : undefined,
    );
    const { model } = open(server);
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(server.requests).toHaveLength(2);
  });

  test("gets the whole prompt again after an hour, since it may have restarted", async () => {
    let nowMs = 0;
    let window = 4_096;
    await using server = await startPlainServer((request) =>
      promptTokensIn(request) + roomIn(request) > window ? vllm(window, request) : undefined,
    );
    const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
    const { model } = open(server, { clock });
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(model.promptTokens?.()).toBeLessThan(4_096);
    nowMs += hour;
    window = 131_072;
    expect(model.promptTokens?.()).toBe(Infinity);
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(server.requests).toHaveLength(3);
    expect(roomIn(server.requests[2])).toBe(6_000);
  });

  test("that allows only shorter answers is asked for these, with the same prompt", async () => {
    const message = "max_tokens is too large: 6000. This model supports at most 4096 completion tokens.";
    await using server = await startPlainServer((request) =>
      roomIn(request) > 4_096 ? { status: 400, json: { error: { message } } } : undefined,
    );
    const { model } = open(server);
    expect(await hear(model, undefined, long)).toMatchObject({ text: "Friday." });
    expect(await hear(model, undefined, long)).toMatchObject({ text: "Friday." });
    expect(server.requests.map(roomIn)).toEqual([6_000, 4_096, 4_096]);
    expect(model.promptTokens?.()).toBe(Infinity);
  });

  test("that gives no answer to a prompt that is too long gets a shorter one", async () => {
    const silent = { status: 200, json: 'data: {"choices":[]}\n\ndata: [DONE]\n\n' };
    await using server = await startPlainServer((request) =>
      promptTokensIn(request) > 3_600 ? silent : undefined,
    );
    const { model } = open(server);
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(await askShortened(model, long)).toMatchObject({ text: "Friday." });
    expect(server.requests).toHaveLength(4);
  });

  test("that never gives an answer is not asked forever", async () => {
    const silent = { status: 200, json: 'data: {"choices":[]}\n\ndata: [DONE]\n\n' };
    await using server = await startPlainServer(() => silent);
    const { model } = open(server);
    await expect(askShortened(model, long)).rejects.toMatchObject({ kind: "empty" });
    expect(server.requests.length).toBeLessThanOrEqual(6);
    expect(model.promptTokens?.()).toBe(Infinity);
  });
});

test("an effort leaves room for its thoughts", async () => {
  await using server = await startPlainServer(() => undefined);
  for (const effort of ["none", "minimal", "low", "medium", "high"] as const)
    await hear(open(server, { effort }).model);
  expect(server.requests.map(roomIn)).toEqual([2_000, 3_000, 6_000, 10_000, 18_000]);
});
