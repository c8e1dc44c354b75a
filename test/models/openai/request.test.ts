import { afterEach, describe, expect, test, vi } from "vitest";

import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";
import { payerIn } from "../../support/core/payer-in.ts";

/** SHA-256 of the conversation. */
const cacheKey = "a53aa9fecc215b51d9a0d02f1097cdabf18b2962007a8bdc97785a0707663d00";

describe("a request", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("over Responses stores nothing, has the conversation's cache key, and leaves room for reasoning", async () => {
    await using standIn = await startOpenAiStandIn();
    await hear(openModel(standIn, { api: "responses" }).model);
    expect(standIn.requests[0]?.body).toEqual({
      model: "gpt-6-luna",
      instructions: "Be kind and brief.",
      input: [
        { type: "message", role: "user", content: "Ada: the launch is on Friday" },
        { type: "message", role: "assistant", content: "Noted." },
        { type: "message", role: "user", content: "Grace: when is the launch?" },
      ],
      reasoning: { effort: "low" },
      max_output_tokens: 6_000,
      prompt_cache_key: cacheKey,
      store: false,
      stream: true,
    });
  });

  test("over Chat asks for usage, and has the same cache key", async () => {
    await using standIn = await startOpenAiStandIn();
    await hear(openModel(standIn, { api: "chat" }).model);
    expect(standIn.requests[0]?.body).toEqual({
      model: "gpt-6-luna",
      messages: [
        { role: "system", content: "Be kind and brief." },
        { role: "user", content: "Ada: the launch is on Friday" },
        { role: "assistant", content: "Noted." },
        { role: "user", content: "Grace: when is the launch?" },
      ],
      max_completion_tokens: 6_000,
      prompt_cache_key: cacheKey,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test.each(apis)("has a cache key for each conversation, without anyone's id, over %s", async (api) => {
    await using standIn = await startOpenAiStandIn();
    const { model } = openModel(standIn, { api });
    for (const conversation of [
      "discord:dm:4711",
      "web:4711:b",
      "web:4711:b",
      `web:4711:${"c".repeat(80)}`,
    ] as const) {
      await hear(model, AbortSignal.timeout(600_000), { ...prompt, payer: payerIn(conversation) });
    }
    const keys = standIn.requests.map((request) => request.cacheKey ?? "none");
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/u);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe(keys[1]);
    expect(standIn.refusals).toEqual([]);
  });

  test("contains a text like <|endoftext|> or a megabyte of it as it was written", async () => {
    await using standIn = await startOpenAiStandIn();
    const text = `Ada: ${"<|endoftext|>\u0000 🧵".repeat(50_000)}`;
    const asked = { ...prompt, messages: [{ role: "person", content: text } as const] };
    expect(
      (await hear(openModel(standIn, { api: "responses" }).model, undefined, asked)).error,
    ).toBeUndefined();
    expect(standIn.requests[0]?.messages[0]?.text).toBe(text);
  });

  test("goes to the configured address, whatever the environment says", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    vi.stubEnv("OPENAI_API_KEY", "sk-from-the-environment");
    vi.stubEnv("OPENAI_ORG_ID", "org-from-the-environment");
    vi.stubEnv("OPENAI_PROJECT_ID", "project-from-the-environment");
    await using standIn = await startOpenAiStandIn();
    await hear(openModel(standIn, { api: "responses" }).model);
    expect(JSON.stringify(standIn.requests[0]?.headers)).toContain(standIn.apiKey);
    expect(JSON.stringify(standIn.requests[0]?.headers)).not.toContain("from-the-environment");
  });

  test("with a key that can't be sent is refused at once, without repeating the key", async () => {
    await using standIn = await startOpenAiStandIn();
    const open = (): unknown => openModel(standIn, { api: "chat", apiKey: "sk-secret\nsecond line" });
    expect(open).toThrow(TypeError);
    expect(open).not.toThrow(/sk-secret/u);
  });
});
