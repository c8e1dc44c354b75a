import { describe, expect, test } from "vitest";

import { createImageMaker } from "../../../src/models/openai/media/openai-image-maker.ts";
import type { ImageMaker } from "../../../src/ports/image-maker.ts";
import { jpegFile, pngFile, webpFile } from "../../support/files/image-files.ts";
import type { ImageScript } from "../../support/openai/media-requests.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { startPlainServer } from "../../support/openai/plain-server.ts";
import { answersError, rateLimits } from "../../support/openai/script.ts";
import { failureOf, openMedia, type MediaChanges } from "./open-media.ts";

const order = { prompt: "A lighthouse in the fog" };
const never = (): AbortSignal => new AbortController().signal;

function open(baseUrl: string, changes: MediaChanges = {}) {
  const at = { model: "gpt-image-2.6-flare", baseUrl };
  const { client: maker, ...opened } = openMedia(createImageMaker, at, changes);
  return { maker, ...opened };
}

/** What it threw. */
function failure(maker: ImageMaker, signal = never()): Promise<unknown> {
  return failureOf(maker.make(order, signal));
}

describe("an image", () => {
  test.each([
    ["image/png", pngFile(1_024, 1_024)],
    ["image/webp", webpFile(1_024, 1_024)],
    ["image/jpeg", jpegFile(1_024, 1_024)],
  ])("comes with its bytes, its size and its type %s", async (mediaType, bytes) => {
    await using standIn = await startOpenAiStandIn();
    standIn.makeImagesWith(() => ({ kind: "image", bytes }));
    const made = await open(standIn.baseUrl).maker.make(order, never());
    expect(made).toMatchObject({ mediaType, width: 1_024, height: 1_024 });
    expect(made.usage).toEqual({ promptTokens: 20, replyTokens: 272 });
    expect(Buffer.from(made.bytes)).toEqual(bytes);
    expect(standIn.imageOrders.map(({ body }) => body)).toEqual([
      { model: "gpt-image-2.6-flare", prompt: "A lighthouse in the fog", size: "1024x1024" },
    ]);
    expect(standIn.refusals).toEqual([]);
  });

  test("of an older model is asked for in the answer, not as an address", async () => {
    await using standIn = await startOpenAiStandIn();
    await open(standIn.baseUrl, { model: "dall-e-3" }).maker.make(order, never());
    expect(standIn.imageOrders[0]?.body.response_format).toBe("b64_json");
  });

  test("of a server that refuses optional fields is asked for without them, for an hour", async () => {
    let nowMs = 0;
    const data = [{ b64_json: pngFile(8, 8).toString("base64") }];
    await using server = await startPlainServer(({ body }) => {
      const field = ["response_format", "size"].find((each) => each in body);
      return field === undefined
        ? { status: 200, json: { data } }
        : { status: 400, json: { error: { message: `Unknown parameter: '${field}'.` } } };
    });
    const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
    const { maker } = open(`${server.origin}/v1`, { model: "my-deployment", clock });
    let seen = 0;
    const fields = (): readonly string[] => {
      const sent = server.requests.slice(seen).map(({ body }) => Object.keys(body).slice(2).join(" "));
      seen = server.requests.length;
      return sent;
    };
    expect(await maker.make(order, never())).toMatchObject({ width: 8 });
    expect(fields()).toEqual(["size response_format", "size", ""]);
    await maker.make(order, never());
    expect(fields()).toEqual([""]);
    nowMs += 3_600_000;
    await maker.make(order, never());
    expect(fields()).toEqual(["size response_format", "size", ""]);
  });
});

describe("an order that fails", () => {
  const unsafe =
    "Your request was rejected by the safety system. If you believe this is an error, contact us.";

  test.each([
    ["OpenAI's rules", answersError(400, "moderation_blocked", { message: unsafe }), "refused"],
    ["its sentence alone", answersError(400, null, { message: unsafe }), "refused"],
    ["Azure's rules", answersError(400, "contentFilter", { message: "Blocked." }), "refused"],
    ["older rules", answersError(400, "content_policy_violation"), "refused"],
    ["a wrong key", answersError(401, "invalid_api_key"), "bad-key"],
    ["no quota", answersError(429, "billing_hard_limit_reached"), "out-of-quota"],
    [
      "no right to the model",
      answersError(403, null, { message: "Your organization must be verified" }),
      "unverified",
    ],
  ])("for good (%s) is tried once", async (_, script, kind) => {
    await using standIn = await startOpenAiStandIn();
    standIn.makeImagesWith(() => script);
    expect(await failure(open(standIn.baseUrl).maker)).toMatchObject({ name: "ModelError", kind });
    expect(standIn.imageOrders).toHaveLength(1);
  });

  test.each([
    ["a limit", rateLimits(2)],
    ["a busy server", answersError(503, null)],
  ])("before anything was billed (%s) is tried again after a wait", async (_, script) => {
    await using standIn = await startOpenAiStandIn();
    standIn.makeImagesWith(() => (standIn.imageOrders.length < 3 ? script : { kind: "image" }));
    const { maker, waitsMs } = open(standIn.baseUrl);
    expect(await maker.make(order, never())).toMatchObject({ width: 64, height: 48 });
    expect(waitsMs).toHaveLength(2);
  });

  const isUnsure: readonly (readonly [string, ImageScript])[] = [
    ["the connection is lost", { kind: "drop" }],
    ["a gateway gave up", answersError(504, null)],
    ["what came is no image", { kind: "image", bytes: Buffer.from("<html>") }],
    ["the image has no end", { kind: "image", bytes: pngFile(8, 8).subarray(0, -6) }],
    ["there is only an address", { kind: "image", body: { data: [{ url: "https://images.example/1" }] } }],
    ["the answer is too large", { kind: "image", bytes: Buffer.alloc(21 * 2 ** 20) }],
  ];

  test.each(isUnsure)("when it may have been billed (%s) is not tried again", async (_, script) => {
    await using standIn = await startOpenAiStandIn();
    standIn.makeImagesWith(() => script);
    expect(await failure(open(standIn.baseUrl).maker)).toMatchObject({ name: "ModelError" });
    expect(standIn.imageOrders).toHaveLength(1);
  });

  test("because no server is there is tried three times", async () => {
    const { maker, waitsMs } = open("http://127.0.0.1:9/v1");
    expect(await failure(maker)).toMatchObject({ kind: "unreachable" });
    expect(waitsMs).toHaveLength(2);
  });

  test("because the provider is silent ends at its deadline, and is not tried again", async () => {
    await using standIn = await startOpenAiStandIn();
    standIn.makeImagesWith(() => ({ kind: "hang" }));
    const { maker } = open(standIn.baseUrl, { deadlineMs: 50 });
    expect(await failure(maker)).toMatchObject({ kind: "stalled" });
    expect(standIn.imageOrders).toHaveLength(1);
  });

  test("because the caller ends it throws the caller's reason, and ends the request", async () => {
    await using standIn = await startOpenAiStandIn();
    const asked = Promise.withResolvers<void>();
    standIn.makeImagesWith(() => {
      asked.resolve();
      return { kind: "hang" };
    });
    const caller = new AbortController();
    const failed = failure(open(standIn.baseUrl).maker, caller.signal);
    await asked.promise;
    const reason = new Error("stopped");
    caller.abort(reason);
    expect(await failed).toBe(reason);
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("shows no words of the order in its error and its log", async () => {
    await using standIn = await startOpenAiStandIn();
    standIn.makeImagesWith(() =>
      answersError(400, "moderation_blocked", { message: "The lighthouse violates our policy" }),
    );
    const { maker, log } = open(standIn.baseUrl);
    const error = await failure(maker);
    expect(JSON.stringify([String(error), log.lines])).not.toContain("lighthouse");
    expect(log.lines.map(({ facts }) => facts)).toContainEqual({
      kind: "refused",
      says: "The … violates our policy",
    });
  });
});
