import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { expect, onTestFinished, test } from "vitest";

import { ConfigError, readConfig } from "../../../src/config/config.ts";
import { createImageMaker } from "../../../src/models/openai/media/openai-image-maker.ts";
import { createTranscriber } from "../../../src/models/openai/media/openai-transcriber.ts";
import { openModels } from "../../../src/open-models.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { pngFile } from "../../support/files/image-files.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { fetch } from "./open-model.ts";

const audio = { bytes: new Uint8Array([1, 2, 3]), name: "a.ogg", mediaType: "audio/ogg" };
const order = { prompt: "A lighthouse" };
const never = (): AbortSignal => new AbortController().signal;

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A server that answers these paths, and no others. */
async function startServer(hasPath: (path: string) => boolean) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      await buffer(request);
      const path = request.url ?? "";
      received.push({ path, headers: request.headers });
      const isThere = hasPath(path);
      response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
      const answer = { text: "Hello.", data: [{ b64_json: pngFile(8, 8).toString("base64") }] };
      response.end(JSON.stringify(isThere ? answer : { detail: "Not Found" }));
    })();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, received };
}

type Options = Partial<Parameters<typeof createTranscriber>[0]>;

function open(options: Options) {
  const given = { apiKey: "test-openai-key", model: "m", fetch, log: new RecordingLog(), clock, ...options };
  return { transcriber: createTranscriber(given), maker: createImageMaker(given) };
}

test.each<readonly [string, Options, string, string]>([
  ["OpenAI", { preset: "openai" }, "", "/v1"],
  ["Groq", { preset: "groq" }, "/openai/v1", "/openai/v1"],
  ["an address of an endpoint", {}, "/v1/chat/completions", "/v1"],
  ["Azure's newer addresses", { preset: "azure" }, "/openai/v1", "/openai/v1"],
])("%s: the same address and key as for answers", async (_, options, given, base) => {
  const { origin, received } = await startServer(() => true);
  const { transcriber, maker } = open({ ...options, baseUrl: origin + given });
  expect(await transcriber.transcribe(audio, never())).toMatchObject({ text: "Hello." });
  expect(await maker.make(order, never())).toMatchObject({ width: 8 });
  expect(received.map(({ path }) => path)).toEqual([
    `${base}/audio/transcriptions`,
    `${base}/images/generations`,
  ]);
  const [key, other] =
    options.preset === "azure" ? ["api-key", "authorization"] : ["authorization", "api-key"];
  for (const { headers } of received) {
    expect(headers[key]).toBe(key === "api-key" ? "test-openai-key" : "Bearer test-openai-key");
    expect(headers[other]).toBeUndefined();
  }
});

test("Azure's older addresses get the model as their deployment, and keep their query", async () => {
  const { origin, received } = await startServer(() => true);
  const baseUrl = `${origin}/openai/deployments/gpt-chat?api-version=2026-01-01`;
  const { transcriber, maker } = open({ preset: "azure", baseUrl, model: "our whisper" });
  await transcriber.transcribe(audio, never());
  await maker.make(order, never());
  expect(received.map(({ path }) => path)).toEqual([
    "/openai/deployments/our%20whisper/audio/transcriptions?api-version=2026-01-01",
    "/openai/deployments/our%20whisper/images/generations?api-version=2026-01-01",
  ]);
});

test("the address that answers is found, and used from then on", async () => {
  const { origin, received } = await startServer((path) => path.startsWith("/v1/"));
  const { transcriber } = open({ baseUrl: `${origin}/proxy` });
  for (const _ of [1, 2])
    expect(await transcriber.transcribe(audio, never())).toMatchObject({ text: "Hello." });
  expect(received.map(({ path }) => path)).toEqual([
    "/proxy/audio/transcriptions",
    "/proxy/v1/audio/transcriptions",
    "/v1/audio/transcriptions",
    "/v1/audio/transcriptions",
  ]);
});

test("a server without such an API is asked once at each address", async () => {
  const { origin, received } = await startServer(() => false);
  const { maker } = open({ baseUrl: `${origin}/v1` });
  await expect(maker.make(order, never())).rejects.toMatchObject({ name: "ModelError" });
  expect(received).toHaveLength(1);
});

test("the models for recordings and images are there where settings name them", async () => {
  await using standIn = await startOpenAiStandIn();
  await using opening = new AsyncDisposableStack();
  const server = { OPENAI_BASE_URL: standIn.baseUrl, OPENAI_API_KEY: standIn.apiKey };
  const named = { OPENAI_AUDIO_MODEL: "gpt-transcribe", OPENAI_IMAGE_MODEL: "gpt-image-2.6-flare" };
  const both = await openModels(readConfig({ ...server, ...named }), new RecordingLog(), opening);
  expect((await both.transcriber?.transcribe(audio, never()))?.text).toBe("The launch is on Friday.");
  expect((await both.imageMaker?.make(order, never()))?.width).toBe(64);
  const none = await openModels(
    readConfig({ ...server, OPENAI_AUDIO_MODEL: "" }),
    new RecordingLog(),
    opening,
  );
  expect(Object.keys(none).toSorted()).toEqual(["check", "models"]);
  const log = new RecordingLog();
  expect(Object.keys(await openModels(readConfig(named), log, opening))).toEqual(["models"]);
  expect(log.lines.map(({ level }) => level)).toEqual(["info", "warn"]);
});

test("a setting that names several models is a fault at start", () => {
  expect(() => readConfig({ OPENAI_AUDIO_MODEL: "gpt-transcribe whisper-1" })).toThrow(ConfigError);
});
