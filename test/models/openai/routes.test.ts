import { describe, expect, test } from "vitest";

import { readConfig } from "../../../src/config/config.ts";
import { routesTo } from "../../../src/models/openai/server/routes.ts";
import { startPlainServer, type PlainReply } from "../../support/openai/plain-server.ts";
import { hear, openModelAt } from "./open-model.ts";

const page = (status: number, json: unknown): PlainReply => ({ status, json });

describe("an address that works in OpenAI's client", () => {
  test.each([
    [undefined, "https://api.openai.com/v1", "responses"],
    ["https://api.openai.com", "https://api.openai.com/v1", "responses"],
    ["https://generativelanguage.googleapis.com/v1beta/openai/", "=", "chat"],
    [
      "https://generativelanguage.googleapis.com/v1beta/",
      "https://generativelanguage.googleapis.com/v1beta/openai",
      "chat",
    ],
    ["https://api.deepseek.com", "=", "chat"],
    ["https://api.deepseek.com/v1", "=", "chat"],
    ["https://open.bigmodel.cn/api/paas/v4", "=", "chat"],
    ["https://api.z.ai/api/paas/v4/", "=", "chat"],
    ["https://ark.cn-beijing.volces.com/api/v3", "=", "chat"],
    ["https://api.perplexity.ai", "=", "chat"],
    ["https://models.github.ai/inference", "=", "chat"],
    ["https://openrouter.ai/api/v1", "=", "chat"],
    ["https://openrouter.ai", "https://openrouter.ai/api/v1", "chat"],
    ["https://api.groq.com/openai", "https://api.groq.com/openai/v1", "chat"],
    ["https://api.mistral.ai/v1/chat/completions", "https://api.mistral.ai/v1", "chat"],
    ["https://acme.openai.azure.com/openai/deployments/gpt-4o?api-version=2024-10-21", "=", "chat"],
    ["https://acme.openai.azure.com/openai/v1/", "=", "responses"],
    ["https://acme.openai.azure.com/", "https://acme.openai.azure.com/openai/v1", "responses"],
    ["https://acme.openai.azure.us/", "https://acme.openai.azure.us/openai/v1", "responses"],
    ["https://acme.azure-api.net/openai/deployments/gpt-4o?api-version=2024-10-21", "=", "chat"],
    ["https://eu.api.openai.com/v1", "=", "responses"],
    ["https://gateway.ai.cloudflare.com/v1/a/g/compat", "=", "responses"],
    [
      "https://gateway.ai.cloudflare.com/v1/a/g/compat/chat/completions",
      "https://gateway.ai.cloudflare.com/v1/a/g/compat",
      "chat",
    ],
    [
      "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi/chat/completions",
      "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi",
      "chat",
    ],
    ["http://[::1]:11434", "http://[::1]:11434/v1", "chat"],
    ["http://127.0.0.1:11434/v1/", "=", "chat"],
    ["http://127.0.0.1:11434", "http://127.0.0.1:11434/v1", "chat"],
    ["http://studio.local:1234/v1", "=", "chat"],
    ["http://127.0.0.1:8000//", "http://127.0.0.1:8000/v1", "responses"],
  ] as const)("%s is requested at %s, over %s", (baseUrl, under, api) => {
    const settings = readConfig(baseUrl === undefined ? {} : { OPENAI_BASE_URL: baseUrl });
    expect(settings.OPENAI_BASE_URL).toBe(baseUrl);
    const [first] = routesTo(baseUrl === undefined ? {} : { baseUrl });
    const expected = under === "=" ? baseUrl?.replace(/\?.*$/u, "").replace(/\/$/u, "") : under;
    expect(first).toMatchObject({ baseUrl: expected, api });
  });

  test.each([
    ["https://openrouter.ai/v1", "https://openrouter.ai/api/v1"],
    ["https://api.groq.com/v1", "https://api.groq.com/openai/v1"],
    ["http://127.0.0.1:1234/api/v1", "http://127.0.0.1:1234/v1"],
  ])("%s is requested at %s if that is the provider's other path", (baseUrl, right) => {
    expect(routesTo({ baseUrl }).map((route) => route.baseUrl)).toEqual([baseUrl, right]);
  });

  test("is refused with a key in it", () => {
    expect(() => readConfig({ OPENAI_BASE_URL: "https://key:secret@models.example.com/v1" })).toThrow(
      /^OPENAI_BASE_URL: (?!.*secret)/u,
    );
  });
});

describe("a server without a requested feature", () => {
  const missing = [
    ["a page", page(404, "404 page not found")],
    ["a page of a shop", page(404, "<html><title>Not found</title><body>Our models and tools</body></html>")],
    ["FastAPI", page(404, { detail: "Not Found" })],
    ["a method", page(405, { detail: "Method Not Allowed" })],
    ["an error", page(404, { error: { message: "Invalid URL (POST /v1/responses)", code: null } })],
    ["a string", page(404, { error: "Not Found", message: "No route", status: 404 })],
    ["a fault of the request", page(400, { error: { message: "Unsupported endpoint: POST /v1/responses" } })],
    ["an answer", page(200, { error: "Unexpected endpoint or method. (POST /v1/responses)" })],
    [
      "a model",
      page(400, {
        error: { message: "The requested model 'm' cannot be used with the Responses API.", param: "model" },
      }),
    ],
  ] as const;

  test.each(missing)(
    "such as Responses (%s) is asked over Chat Completions from then on",
    async (_, refusal) => {
      await using server = await startPlainServer(({ path }) =>
        path === "/v1/chat/completions" ? undefined : refusal,
      );
      const { model, log } = openModelAt(`${server.origin}/v1`);
      expect(await hear(model)).toMatchObject({ text: "Friday.", finished: [{}] });
      expect(await hear(model)).toMatchObject({ text: "Friday." });
      expect(server.requests.map(({ path }) => path)).toEqual([
        "/v1/responses",
        "/v1/chat/completions",
        "/v1/chat/completions",
      ]);
      expect(log.lines.map(({ facts }) => facts)).toEqual([{ api: "chat", path: "/v1" }]);
    },
  );

  test.each([
    ["", "/v1/chat/completions"],
    ["/", "/chat/completions"],
    ["/proxy", "/proxy/v1/chat/completions"],
    ["/proxy/v1/chat/completions", "/proxy/v1/chat/completions"],
    ["/proxy/", "/proxy/chat/completions"],
  ])("(with the address %s) is found at %s", async (address, only) => {
    await using server = await startPlainServer(({ path }) =>
      path === only ? undefined : page(404, "nothing here"),
    );
    const { model } = openModelAt(server.origin + address);
    expect(await hear(model)).toMatchObject({ text: "Friday." });
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });

  test.each([
    page(404, { error: { message: 'model "llama3.2" not found, try pulling it first', type: "api_error" } }),
    page(404, { error: { message: "It does not exist", code: "model_not_found" } }),
    page(404, { error: { code: "DeploymentNotFound", message: "It does not exist for this resource." } }),
  ])("such as a model is not asked in another way", async (refusal) => {
    await using server = await startPlainServer(() => refusal);
    const { model } = openModelAt(`${server.origin}/v1`);
    expect(await hear(model)).toMatchObject({
      error: { kind: expect.stringMatching(/^(?:unknown-model|not-installed)$/u) },
    });
    expect(server.requests).toHaveLength(1);
  });

  test("such as the configured API is not asked over the other one", async () => {
    await using server = await startPlainServer(() => page(404, "404 page not found"));
    const { model } = openModelAt(`${server.origin}/v1`, { api: "responses" });
    const { error } = await hear(model);
    expect(String(error)).toContain("The provider has no such API at this address");
    expect(server.requests).toHaveLength(1);
  });
});

test("Azure gets the key in its own header, and the version with each request", async () => {
  await using server = await startPlainServer(() => undefined);
  const address = `${server.origin}/openai/deployments/gpt-4o?api-version=2024-10-21`;
  const { model } = openModelAt(address, { preset: "azure" });
  expect(await hear(model)).toMatchObject({ text: "Friday." });
  const [request] = server.requests;
  expect(request?.path).toBe("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
  expect(request?.headers).toMatchObject({ "api-key": "test-openai-key" });
  expect(request?.headers).not.toHaveProperty("authorization");
});
