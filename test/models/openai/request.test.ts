import { afterEach, describe, expect, test, vi } from "vitest";

import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { hear, openModel, prompt } from "./open-model.ts";

describe("what is sent", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("over Responses: nothing is stored, the key of the cache is the conversation, reasoning has room", async () => {
    await using standIn = await startOpenAiStandIn();
    await hear(openModel(standIn, { api: "responses" }).model);
    expect(standIn.requests[0]?.body).toEqual({
      model: "gpt-6-luna",
      instructions: "Be kind and brief.",
      input: [
        { role: "user", content: "Ada: the launch is on Friday" },
        { role: "assistant", content: "Noted." },
        { role: "user", content: "Grace: when is the launch?" },
      ],
      reasoning: { effort: "low" },
      max_output_tokens: 6_000,
      prompt_cache_key: "slack:T1:C1:1700000000.000100",
      store: false,
      stream: true,
    });
  });

  test("over Chat: usage is asked for, and nothing that only OpenAI knows", async () => {
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
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("the key of the cache is hashed where the conversation's is too long, each to its own", async () => {
    await using standIn = await startOpenAiStandIn();
    const { model } = openModel(standIn, { api: "responses" });
    for (const last of ["a", "b", "b"]) {
      const conversation = `web:${"u".repeat(80)}:${last}` as const;
      await hear(model, AbortSignal.timeout(10_000), { ...prompt, conversation });
    }
    const keys = standIn.requests.map(({ cacheKey }) => cacheKey);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/u);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe(keys[1]);
    expect(standIn.refusals).toEqual([]);
  });

  test("a text like <|endoftext|> or a megabyte of it goes out as it was written", async () => {
    await using standIn = await startOpenAiStandIn();
    const text = `Ada: ${"<|endoftext|>\u0000 🧵".repeat(50_000)}`;
    const asked = { ...prompt, messages: [{ role: "person", text } as const] };
    expect(
      (await hear(openModel(standIn, { api: "responses" }).model, undefined, asked)).error,
    ).toBeUndefined();
    expect(standIn.requests[0]?.messages[0]?.text).toBe(text);
  });

  test("goes to the address that was set, whatever the environment says", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    vi.stubEnv("OPENAI_API_KEY", "sk-from-the-environment");
    vi.stubEnv("OPENAI_ORG_ID", "org-from-the-environment");
    vi.stubEnv("OPENAI_PROJECT_ID", "project-from-the-environment");
    await using standIn = await startOpenAiStandIn();
    await hear(openModel(standIn, { api: "responses" }).model);
    expect(JSON.stringify(standIn.requests[0]?.headers)).toContain(standIn.apiKey);
    expect(JSON.stringify(standIn.requests[0]?.headers)).not.toContain("from-the-environment");
  });

  test("a key that can't be sent is refused at once, without being repeated", async () => {
    await using standIn = await startOpenAiStandIn();
    const open = (): unknown => openModel(standIn, { api: "chat", apiKey: "sk-secret\nsecond line" });
    expect(open).toThrow(TypeError);
    expect(open).not.toThrow(/sk-secret/u);
  });
});
