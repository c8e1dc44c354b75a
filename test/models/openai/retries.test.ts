import { describe, expect, test } from "vitest";

import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { answersError, rateLimits, says, streams, type Script } from "../../support/openai/script.ts";
import { apis, hear, openModel } from "./open-model.ts";

describe.each(apis)("retries over %s", (api) => {
  const passing: readonly [string, Script][] = [
    ["a 500", answersError(500, null)],
    ["a 503", answersError(503, null)],
    ["a 409", answersError(409, null)],
    ["a 408", answersError(408, null)],
    ["a rate limit", rateLimits(1)],
    ["a connection that is reset", { kind: "drop" }],
    ["a stream that is cut before it says anything", streams([], "cut")],
    ["a stream that ends before it says anything", streams([], "unclosed")],
    ["an error before anything is said", streams([], { error: "server_error" })],
    ["a failed response before anything is said", streams([], { failed: "server_error" })],
  ];

  test.each(passing)("overcome %s", async (_, script) => {
    await using standIn = await startOpenAiStandIn({
      respond: () => (standIn.requests.length < 3 ? script : says("Friday")),
    });
    const { model, waitsMs, log } = openModel(standIn, { api });
    expect(await hear(model)).toMatchObject({ text: "Friday", finished: [{ isCut: false }] });
    expect(waitsMs).toHaveLength(2);
    expect(log.lines.map(({ message }) => message)).toEqual([
      "asking the model again",
      "asking the model again",
    ]);
  });

  test.each(passing)("end after the third time of %s", async (_, script) => {
    await using standIn = await startOpenAiStandIn({ respond: () => script });
    const heard = await hear(openModel(standIn, { api }).model);
    expect(heard.error).toMatchObject({ name: "ModelError" });
    expect(standIn.requests).toHaveLength(3);
  });

  test("wait as long as the provider asks, and longer each time if it names no time", async () => {
    const scripts = [rateLimits(7), answersError(500, null), says("Friday")];
    await using standIn = await startOpenAiStandIn({
      respond: () => scripts[standIn.requests.length - 1] ?? { kind: "drop" },
    });
    const { model, waitsMs } = openModel(standIn, { api });
    expect((await hear(model)).text).toBe("Friday");
    expect(waitsMs[0]).toBeGreaterThanOrEqual(7_000);
    expect(waitsMs[0]).toBeLessThanOrEqual(7_250);
    expect(waitsMs[1]).toBeGreaterThanOrEqual(500);
    expect(waitsMs[1]).toBeLessThanOrEqual(1_500);
  });

  test("don't keep a person waiting for a minute: a provider that asks for that is reported", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => rateLimits(60) });
    const { model, waitsMs } = openModel(standIn, { api });
    expect(await hear(model)).toMatchObject({ error: { kind: "rate-limited" } });
    expect(waitsMs).toEqual([]);
  });

  test("wait until a date, where the provider gives one", async () => {
    const at = new Date(Date.now() + 8_000).toUTCString();
    const busy = answersError(429, "rate_limit_exceeded", { headers: { "retry-after": at } });
    await using standIn = await startOpenAiStandIn({
      respond: () => (standIn.requests.length < 2 ? busy : says("Friday")),
    });
    const { model, waitsMs } = openModel(standIn, { api });
    expect((await hear(model)).text).toBe("Friday");
    expect(waitsMs[0]).toBeGreaterThanOrEqual(3_000);
  });

  test("end with the signal's reason when it fires during a wait", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => rateLimits(10) });
    const abort = new AbortController();
    const reason = new Error("stop pressed");
    const { model } = openModel(standIn, {
      api,
      clock: {
        nowMs: () => 0,
        sleep: (_, signal) => {
          abort.abort(reason);
          signal.throwIfAborted();
          return Promise.resolve();
        },
      },
    });
    expect(await hear(model, abort.signal)).toMatchObject({ error: reason });
    expect(standIn.requests).toHaveLength(1);
  });
});
