import { describe, expect, test } from "vitest";

import { createTranscriber } from "../../../src/models/openai/media/openai-transcriber.ts";
import type { Recording, Transcriber } from "../../../src/ports/transcriber.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { answersError, rateLimits } from "../../support/openai/script.ts";
import { failureOf, openMedia, type MediaChanges } from "./open-media.ts";

const ogg: Recording = {
  bytes: new Uint8Array([0x4f, 0x67, 0x67, 0x53, 1, 2, 3]),
  name: "voice-message.ogg",
  mediaType: "audio/ogg",
};
const never = (): AbortSignal => new AbortController().signal;

function open(baseUrl: string, changes: MediaChanges = {}) {
  const at = { model: "gpt-transcribe", baseUrl };
  const { client: transcriber, ...opened } = openMedia(createTranscriber, at, changes);
  return { transcriber, ...opened };
}

/** What it threw. */
function failure(transcriber: Transcriber, recording = ogg, signal = never()): Promise<unknown> {
  return failureOf(transcriber.transcribe(recording, signal));
}

describe("a recording", () => {
  test("goes as a form, under a name that agrees with its type, and comes back as text", async () => {
    await using standIn = await startOpenAiStandIn();
    const usage = { type: "tokens", input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    standIn.transcribeWith(() => ({ kind: "transcript", text: " Bring the keys.\n", usage }));
    const { transcriber } = open(standIn.baseUrl);
    expect(transcriber.name).toBe("gpt-transcribe");
    expect(await transcriber.transcribe({ ...ogg, name: "Secret plan.txt" }, never())).toEqual({
      text: "Bring the keys.",
      usage: { promptTokens: 14, replyTokens: 45 },
    });
    expect(standIn.transcriptions).toMatchObject([
      {
        fields: { model: "gpt-transcribe", response_format: "json" },
        file: { name: "recording.ogg", mediaType: "audio/ogg", bytes: Buffer.from(ogg.bytes) },
      },
    ]);
    expect(standIn.refusals).toEqual([]);
  });

  test("without speech is an empty text, and a duration is no count of tokens", async () => {
    await using standIn = await startOpenAiStandIn();
    standIn.transcribeWith(() => ({ kind: "transcript", text: "" }));
    expect(await open(standIn.baseUrl).transcriber.transcribe(ogg, never())).toEqual({ text: "" });
  });

  test.each([
    ["voice.mp3", "audio/mpeg"],
    ["clip.mp4", "video/mp4; codecs=avc1"],
    ["audio_message.m4a", "audio/x-m4a"],
    ["audio_message.m4a", "audio/mp4"],
    ["take.opus", "audio/opus"],
    ["memo.wav", "audio/x-wav"],
    ["huddle.webm", "Audio/WebM;codecs=opus"],
    ["song.flac", ""],
    ["voice.OGA", "application/octet-stream"],
    ["clip.mov", "video/quicktime"],
    ["a.mpga", "audio/mpga"],
    ["a.mpeg", "video/mpeg"],
  ])("%s of the type %s has a name that the provider takes", async (name, mediaType) => {
    await using standIn = await startOpenAiStandIn();
    const { transcriber } = open(standIn.baseUrl);
    expect(await transcriber.transcribe({ ...ogg, name, mediaType }, never())).toMatchObject({
      text: "The launch is on Friday.",
    });
    expect(standIn.refusals).toEqual([]);
  });

  test.each([
    ["of a kind that providers don't take", { name: "voice.amr", mediaType: "audio/amr" }],
    ["that is too large", { bytes: new Uint8Array(25_000_001) }],
  ])("%s is not sent", async (_, changed) => {
    await using standIn = await startOpenAiStandIn();
    const { transcriber } = open(standIn.baseUrl);
    expect(await failure(transcriber, { ...ogg, ...changed })).toMatchObject({ kind: "rejected" });
    expect(standIn.connections()).toBe(0);
  });

  test("of the largest size fits into the provider's limit", async () => {
    await using standIn = await startOpenAiStandIn();
    const bytes = new Uint8Array(25_000_000);
    await open(standIn.baseUrl).transcriber.transcribe({ ...ogg, bytes }, never());
    expect(standIn.transcriptions[0]?.file.bytes).toHaveLength(25_000_000);
  });

  test("for a model that tells speakers apart is cut into chunks by the provider", async () => {
    await using standIn = await startOpenAiStandIn();
    const { transcriber } = open(standIn.baseUrl, { model: "gpt-4o-transcribe-diarize" });
    await transcriber.transcribe(ogg, never());
    expect(standIn.transcriptions[0]?.fields).toMatchObject({ chunking_strategy: "auto" });
  });
});

describe("a transcription that fails", () => {
  test.each([
    ["a wrong key", answersError(401, "invalid_api_key"), "bad-key"],
    ["no quota", answersError(429, "insufficient_quota"), "out-of-quota"],
    [
      "a broken file",
      answersError(400, "invalid_value", { message: "Audio file might be corrupted or unsupported" }),
      "rejected",
    ],
    [
      "no such model",
      answersError(404, "model_not_found", { message: "The model does not exist" }),
      "unknown-model",
    ],
  ])("for good (%s) is tried once", async (_, script, kind) => {
    await using standIn = await startOpenAiStandIn();
    standIn.transcribeWith(() => script);
    const { transcriber, waitsMs } = open(standIn.baseUrl);
    expect(await failure(transcriber)).toMatchObject({ name: "ModelError", kind });
    expect([standIn.transcriptions.length, waitsMs]).toEqual([1, []]);
  });

  test.each([
    ["a limit", rateLimits(3), 3_000],
    ["a fault of the server", answersError(503, null), 250],
    ["a lost connection", { kind: "drop" } as const, 250],
  ])("for the moment (%s) is tried again after a wait", async (_, script, leastMs) => {
    await using standIn = await startOpenAiStandIn();
    standIn.transcribeWith(() =>
      standIn.transcriptions.length < 3 ? script : { kind: "transcript", text: "Hello." },
    );
    const { transcriber, waitsMs } = open(standIn.baseUrl);
    expect(await transcriber.transcribe(ogg, never())).toEqual({ text: "Hello." });
    expect(waitsMs).toHaveLength(2);
    expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(leastMs);
  });

  test("again and again is given up after the third try", async () => {
    await using standIn = await startOpenAiStandIn();
    standIn.transcribeWith(() => answersError(503, null));
    expect(await failure(open(standIn.baseUrl).transcriber)).toMatchObject({ kind: "unreachable" });
    expect(standIn.transcriptions).toHaveLength(3);
  });

  test("because the provider is silent ends at its deadline", async () => {
    await using standIn = await startOpenAiStandIn();
    standIn.transcribeWith(() => ({ kind: "hang" }));
    const { transcriber } = open(standIn.baseUrl, { deadlineMs: 50 });
    expect(await failure(transcriber)).toMatchObject({ kind: "stalled" });
  });

  test("because the caller ends it throws the caller's reason, and ends the request", async () => {
    await using standIn = await startOpenAiStandIn();
    const asked = Promise.withResolvers<void>();
    standIn.transcribeWith(() => {
      asked.resolve();
      return { kind: "hang" };
    });
    const { transcriber } = open(standIn.baseUrl);
    const caller = new AbortController();
    const failed = failure(transcriber, ogg, caller.signal);
    await asked.promise;
    const reason = new Error("stopped");
    caller.abort(reason);
    expect(await failed).toBe(reason);
    await expect.poll(() => standIn.underWay()).toBe(0);
  });

  test("shows neither the key nor the provider's words in its error", async () => {
    await using standIn = await startOpenAiStandIn();
    standIn.transcribeWith(() =>
      answersError(400, null, {
        message: 'Can\'t decode "the keys of Bo" for sk-notes-of-the-harbour-2026',
      }),
    );
    const { transcriber, log } = open(standIn.baseUrl);
    const error = await failure(transcriber);
    const shown = JSON.stringify([String(error), log.lines]);
    expect(shown).not.toContain("keys of Bo");
    expect(shown).not.toContain("sk-notes-of-the-harbour");
    expect(log.lines.map(({ message }) => message)).toContain("the provider gave a reason for its refusal");
  });
});
