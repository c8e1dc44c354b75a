import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { says, streams, type Ending } from "../../support/openai/script.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";

describe.each(apis)("a stream that breaks off over %s", (api) => {
  const afterPieces: readonly [string, Ending, string][] = [
    ["ends without its closing event", "unclosed", "cut-off"],
    ["is cut", "cut", "cut-off"],
    ["is cut between two bytes of a character", "cut-inside-character", "cut-off"],
    ["fails", { failed: "server_error" }, "cut-off"],
    ["carries an error", { error: "server_error" }, "cut-off"],
    ["runs into a rate limit", { error: "rate_limit_exceeded" }, "rate-limited"],
    ["is stopped by the content filter", "content-filter", "refused"],
  ];

  test.each(afterPieces)("is an error when it %s, and is not requested again", async (_, ending, kind) => {
    await using standIn = await startOpenAiStandIn({ respond: () => streams([{ say: "On Fri" }], ending) });
    const heard = await hear(openModel(standIn, { api }).model);
    expect(heard.error).toBeInstanceOf(ModelError);
    expect(heard.error).toMatchObject({ kind });
    expect(heard.finished).toEqual([]);
    expect(heard.text).toBe("On Fri");
    expect(standIn.requests).toHaveLength(1);
  });

  test("is requested again while nothing of it was shown", async () => {
    const endings: readonly Ending[] = ["unclosed", "cut", "complete"];
    await using standIn = await startOpenAiStandIn({
      respond: () =>
        streams(
          [{ say: standIn.requests.length === 3 ? "Friday" : " " }],
          endings[standIn.requests.length - 1] ?? "stall",
        ),
    });
    const { model, waitsMs } = openModel(standIn, { api });
    expect(await hear(model)).toMatchObject({ text: " Friday".trim(), finished: [{ isCut: false }] });
    expect(waitsMs).toHaveLength(2);
  });

  test.each([
    ["before its headers", () => ({ kind: "hang" }) as const, ""],
    ["before its first piece", () => streams([], "stall"), ""],
    ["after a piece", () => streams([{ say: "On Fri" }], "stall"), "On Fri"],
  ])("counts as stalled when nothing arrives for too long %s", async (_, respond, text) => {
    await using standIn = await startOpenAiStandIn({ respond });
    const heard = await hear(openModel(standIn, { api, idleMs: 500 }).model);
    expect(heard.error).toMatchObject({ name: "ModelError", kind: "stalled" });
    expect(heard.text).toBe(text);
    expect(standIn.requests).toHaveLength(1);
    // The connection is given up, too.
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("does not count as stalled while something arrives, however slowly", async () => {
    const steps = Array.from({ length: 16 }, () => [{ say: "." }, { waitMs: 250 }]).flat();
    await using standIn = await startOpenAiStandIn({ respond: () => streams(steps, "complete") });
    expect(await hear(openModel(standIn, { api, idleMs: 3_000 }).model)).toMatchObject({
      text: ".".repeat(16),
    });
  });

  test("does not count as stalled while its reader is slow", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => says("one", "two") });
    const { model } = openModel(standIn, { api, idleMs: 600 });
    const seen: string[] = [];
    for await (const output of model.answer(prompt, AbortSignal.timeout(600_000))) {
      seen.push(output.kind);
      if (seen.length === 1) await realTime(900);
    }
    expect(seen.at(-1)).toBe("finished");
  });

  test.each([
    ["before its headers", () => ({ kind: "hang" }) as const],
    ["before its first piece", () => streams([], "stall")],
    ["after a piece", () => streams([{ say: "On Fri" }], "stall")],
  ])("throws the signal's reason when it fires while the provider is silent %s", async (_, respond) => {
    await using standIn = await startOpenAiStandIn({ respond });
    const abort = new AbortController();
    const reason = new Error("stop pressed");
    const hearing = hear(openModel(standIn, { api }).model, abort.signal);
    await expect.poll(() => standIn.requests.length).toBe(1);
    abort.abort(reason);
    expect(await hearing).toMatchObject({ error: reason, finished: [] });
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("is aborted when its reader leaves", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => streams([{ say: "On Fri" }], "stall") });
    for await (const output of openModel(standIn, { api }).model.answer(
      prompt,
      AbortSignal.timeout(600_000),
    )) {
      expect(output.kind).toBe("piece");
      break;
    }
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("is aborted when the model declines", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => streams([{ refuse: "No." }], "stall") });
    expect(await hear(openModel(standIn, { api }).model)).toMatchObject({ error: { kind: "refused" } });
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("counts as complete if only what follows its closing event is missing", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => streams([{ say: "Friday." }, { raw: closingEvent[api] }], "cut"),
    });
    const heard = await hear(openModel(standIn, { api }).model);
    expect(heard).toEqual({
      text: "Friday.",
      pieces: ["Friday."],
      finished: [{ kind: "finished", isCut: false }],
      called: [],
    });
  });

  test("is an error if it contains invalid JSON", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => streams([{ say: "On Fri" }, { raw: "data: {nonsense secret-words\n\n" }], "complete"),
    });
    const { error } = await hear(openModel(standIn, { api }).model);
    expect(error).toMatchObject({ kind: "cut-off" });
    expect(String(error)).not.toContain("secret-words");
  });
});

/** Closing events without usage, as servers send them that only resemble OpenAI's. */
const closingEvent = {
  responses: 'data: {"type":"response.completed","response":{"status":"completed"}}\n\n',
  chat: 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
};

/** Time that passes for the reader. The clock is real here: it is the timer under test that must not fire. */
async function realTime(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  await promise;
}
