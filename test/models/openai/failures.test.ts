import { Writable } from "node:stream";

import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { openLog } from "../../../src/runtime/logging/log.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { answersError, isOutOfQuota, says, streams, type Script } from "../../support/openai/script.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";

describe.each(apis)("a failure over %s", (api) => {
  const lasting: readonly [string, Script, string][] = [
    ["no credit", isOutOfQuota(), "out-of-quota"],
    ["a 402", answersError(402, null), "out-of-quota"],
    ["a 403", answersError(403, null), "not-allowed"],
    ["a 403 for a model that the account may not use", answersError(403, "model_not_found"), "unknown-model"],
    ["a flagged prompt", answersError(400, "invalid_prompt"), "refused"],
    ["a refusal", streams([{ refuse: "I can't help " }, { refuse: "with that." }], "complete"), "refused"],
    ["a content filter", streams([], "content-filter"), "refused"],
    ["no credit in the middle", streams([], { error: "insufficient_quota" }), "out-of-quota"],
  ];

  test.each(lasting)("by %s is reported at once", async (_, script, kind) => {
    await using standIn = await startOpenAiStandIn({ respond: () => script });
    const { model, waitsMs } = openModel(standIn, { api });
    const heard = await hear(model);
    expect(heard.error).toBeInstanceOf(ModelError);
    expect(heard).toMatchObject({ error: { kind }, pieces: [], finished: [] });
    expect(standIn.requests).toHaveLength(1);
    expect(waitsMs).toEqual([]);
  });

  test.each([
    ["a prompt", answersError(400, "context_length_exceeded")],
    ["a body", answersError(413, null)],
    ["a failed response", streams([], { failed: "context_length_exceeded" })],
  ])("by %s that is too long is reported once less room for the answer did not help", async (_, script) => {
    await using standIn = await startOpenAiStandIn({ respond: () => script });
    const { model, waitsMs } = openModel(standIn, { api });
    expect(await hear(model)).toMatchObject({ error: { kind: "context-too-long" }, pieces: [] });
    expect(standIn.requests).toHaveLength(2);
    expect(standIn.requests[1]?.maxTokens).toBeLessThan(2_000);
    expect(waitsMs).toEqual([]);
  });

  test("by an unknown parameter is reported once the plainest request did not help", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => answersError(400, "unsupported_parameter"),
    });
    const { model, waitsMs } = openModel(standIn, { api });
    expect(await hear(model)).toMatchObject({ error: { kind: "rejected" } });
    expect(standIn.requests).toHaveLength(2);
    expect(waitsMs).toEqual([]);
  });

  test("by a wrong key is reported at once, without the key", async () => {
    await using standIn = await startOpenAiStandIn();
    const { model } = openModel(standIn, { api, apiKey: "sk-secret-and-wrong" });
    const { error } = await hear(model);
    expect(error).toMatchObject({ kind: "bad-key" });
    expect(standIn.refusals).toHaveLength(1);
    expect(standIn.refusals[0]).toContain("sk-secret-and-wrong");
    expect(await logged(error)).not.toContain("sk-secret");
    expect(await logged(error)).toContain("invalid_api_key");
  });

  test("by an unknown model is reported at once", async () => {
    await using standIn = await startOpenAiStandIn();
    const heard = await hear(openModel(standIn, { api, model: "gpt-4o-mini" }).model);
    expect(heard.error).toMatchObject({ kind: "unknown-model" });
    expect(standIn.refusals).toHaveLength(1);
  });

  test("by a refusal in the middle of an answer is reported", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => streams([{ say: "Well, " }, { refuse: "no." }], "complete"),
    });
    expect(await hear(openModel(standIn, { api }).model)).toMatchObject({
      text: "Well, ",
      error: { kind: "refused" },
    });
  });

  test("by a missing server is reported after two retries", async () => {
    const standIn = await startOpenAiStandIn();
    await standIn[Symbol.asyncDispose]();
    const { model, waitsMs } = openModel(standIn, { api });
    const { error } = await hear(model);
    expect(error).toMatchObject({ kind: "unreachable" });
    expect(await logged(error)).toContain("ECONNREFUSED");
    expect(waitsMs).toHaveLength(2);
  });

  test.each([
    ["complete", "complete"],
    ["cut by its length limit", "max-output-tokens"],
  ] as const)(
    "by an answer without text that is %s is requested once more, with more room",
    async (_, ending) => {
      await using standIn = await startOpenAiStandIn({ respond: () => streams([{ say: " \n" }], ending) });
      const heard = await hear(openModel(standIn, { api }).model);
      expect(heard).toMatchObject({ pieces: [], error: { kind: "empty" } });
      expect(standIn.requests.map(({ maxTokens }) => maxTokens)).toEqual([6_000, 8_000]);
    },
  );

  test("by an answer without text is over when the second one has text", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => (standIn.requests.length === 1 ? streams([], "max-output-tokens") : says("Friday")),
    });
    expect(await hear(openModel(standIn, { api }).model)).toMatchObject({ text: "Friday", finished: [{}] });
  });

  test("never contains the provider's words, which may repeat the prompt", async () => {
    const message = "Your prompt “Grace: when is the launch?” of org-123 was flagged";
    await using standIn = await startOpenAiStandIn({
      respond: () => answersError(400, "odd code with words of the prompt", { message }),
    });
    const { model, log } = openModel(standIn, { api });
    const { error } = await hear(model);
    expect(error).toMatchObject({ kind: "rejected" });
    const written = (await logged(error)) + JSON.stringify(log.lines);
    for (const word of ["Grace", "launch", "org-123", "words of"]) expect(written).not.toContain(word);
    expect(written).toContain("req_1");
  });
});

test("the client library writes to no output, whatever happens", async () => {
  await using standIn = await startOpenAiStandIn({
    respond: () => streams([{ raw: "data: {\n\n" }], "complete"),
  });
  const spoken: unknown[] = [];
  const silenced = ["log", "info", "warn", "error", "debug"] as const;
  const originals = silenced.map((name) => [name, console[name]] as const);
  for (const name of silenced) console[name] = (...words: unknown[]) => void spoken.push(words);
  process.env["OPENAI_LOG"] = "debug";
  try {
    await hear(openModel(standIn, { api: "responses" }).model, undefined, prompt);
  } finally {
    delete process.env["OPENAI_LOG"];
    for (const [name, original] of originals) console[name] = original;
  }
  expect(spoken).toEqual([]);
});

/** The line that the operator finds. */
async function logged(error: unknown): Promise<string> {
  let line = "";
  const stream = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      line += bytes.toString();
      done();
    },
  });
  openLog("info", stream).error({ err: error }, "a turn failed");
  await expect.poll(() => line).not.toBe("");
  return line;
}
