import { expect, test } from "vitest";

import { ModelCheck } from "../../../src/models/openai/model-check.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { startRawServer } from "../../support/openai/raw-server.ts";
import { fetch } from "./open-model.ts";

const list = (...ids: readonly string[]): string =>
  JSON.stringify({ object: "list", data: ids.map((id) => ({ id })) });

const llamaCpp = JSON.stringify({ data: [{ id: "/models/y.gguf", owned_by: "llamacpp" }] });
const wrongKey = JSON.stringify({ error: { code: "invalid_api_key", message: "Incorrect" } });

test.each([
  ["is listed", "gpt-6-luna", { body: list("a", "gpt-6-luna") }],
  ["is listed with its version", "llama3.2", { body: list("llama3.2:latest") }],
  ["is listed in a folder", "gemini-3", { body: list("models/gemini-3") }],
  ["is whatever llama.cpp has", "x", { body: llamaCpp }],
  ["is on a server without a list", "x", { status: 404, body: "404 page not found" }],
])("a model is healthy that %s", async (_, model, reply) => {
  await using looked = await lookAt(model, reply);
  expect(looked.check.health()).toEqual({ ok: true, why: "" });
  expect(looked.log.lines).toEqual([]);
});

test.each([
  ["is not listed", { body: list("a", "b") }, "does not list gpt-6-luna; check OPENAI_MODEL"],
  ["has another key", { status: 401, body: wrongKey }, "rejects OPENAI_API_KEY"],
  ["is a page", { body: "<!doctype html><title>Open WebUI</title>" }, "leads to a web page"],
])("the operator is warned about a model that %s", async (_, reply, why) => {
  await using looked = await lookAt("gpt-6-luna", reply);
  await expect.poll(() => looked.check.health().why).toContain(why);
  expect(looked.check.health().ok).toBe(false);
  expect(looked.log.lines).toMatchObject([{ level: "warn", facts: { why: expect.stringContaining(why) } }]);
});

test("the operator is warned of a wrong model for recordings or images, and the answers stay healthy", async () => {
  const others = [
    { name: "gpt-transcribe", setting: "OPENAI_AUDIO_MODEL" },
    { name: "gpt-image-9", setting: "OPENAI_IMAGE_MODEL" },
  ];
  await using looked = await lookAt("gpt-6-luna", { body: list("gpt-6-luna", "gpt-transcribe") }, others);
  await expect.poll(() => looked.log.lines.length).toBeGreaterThan(0);
  expect(looked.log.lines).toMatchObject([
    {
      level: "warn",
      facts: { model: "gpt-image-9", why: expect.stringContaining("check OPENAI_IMAGE_MODEL") },
    },
  ]);
  expect(looked.check.health()).toEqual({ ok: true, why: "" });
  await using unlisted = await lookAt("x", { body: llamaCpp }, others);
  expect(unlisted.log.lines).toEqual([]);
});

/** After its answer has been read. */
async function lookAt(
  model: string,
  { status = 200, body }: { readonly status?: number; readonly body: string },
  others: ConstructorParameters<typeof ModelCheck>[0]["others"] = [],
) {
  const server = await startRawServer((response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body);
  });
  const log = new RecordingLog();
  const check = new ModelCheck({
    baseUrl: server.baseUrl,
    apiKey: "test-openai-key",
    model,
    others,
    fetch,
    log,
    clock,
  });
  check.start();
  await expect.poll(() => server.requests() > 0 && server.underWay() === 0).toBe(true);
  return {
    check,
    log,
    [Symbol.asyncDispose]: async () => {
      await check[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("an unreachable server is logged, and delays nothing", async () => {
  const server = await startRawServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const log = new RecordingLog();
  await using check = new ModelCheck({ ...server, model: "x", fetch, log, clock });
  check.start();
  await expect.poll(() => check.health().why).toContain("can't be reached");
});

test("a server that does not respond does not delay the shutdown", async () => {
  await using server = await startRawServer(() => undefined);
  const check = new ModelCheck({ ...server, model: "x", fetch, log: new RecordingLog(), clock });
  check.start();
  await expect.poll(server.requests).toBe(1);
  await check[Symbol.asyncDispose]();
  await expect.poll(server.underWay).toBe(0);
});
