import { randomBytes } from "node:crypto";

import { describe, expect, test } from "vitest";

import type { ContentPart } from "../../../src/domain/content.ts";
import type { Prompt } from "../../../src/domain/prompt.ts";
import { ImageSlots } from "../../../src/models/openai/api/image-slots.ts";
import { jpegFile, pngFile } from "../../support/files/image-files.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { startPlainServer, type PlainReply, type PlainRequest } from "../../support/openai/plain-server.ts";
import { answersError, calls, says } from "../../support/openai/script.ts";
import { apis, hear, openModel, openModelAt, prompt } from "./open-model.ts";

const bytesOf = (buffer: Buffer<ArrayBuffer>) => new Uint8Array(buffer);
const plan: ContentPart = {
  kind: "image",
  name: "plan.png",
  mediaType: "image/png",
  width: 64,
  height: 48,
  bytes: bytesOf(pngFile(64, 48)),
};
const photo: ContentPart = {
  ...plan,
  name: "photo.jpg",
  mediaType: "image/jpeg",
  bytes: bytesOf(jpegFile(64, 48)),
};
const said = (text: string): ContentPart => ({ kind: "text", text });
const asked: Prompt = {
  ...prompt,
  messages: [
    { role: "person", content: "Ada: the launch is on Friday" },
    { role: "bot", content: "Noted." },
    { role: "person", content: [said("Ada: compare "), plan, said(" with "), photo] },
  ],
};
const parameters = { type: "object", properties: {}, required: [], additionalProperties: false };
const withTools: Prompt = { ...asked, tools: [{ name: "recall", description: "Looks up.", parameters }] };
const hour = 3_600_000;

describe.each(apis)("over %s, an image", (api) => {
  test("is shown after its name, as it is, between the texts", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => says("Both.") });
    const { model } = openModel(standIn, { api });
    expect(model.seesImages?.()).toBe(true);
    expect(await hear(model, undefined, asked)).toMatchObject({ text: "Both." });
    const [request] = standIn.requests;
    expect(request?.messages.map(({ text }) => text)).toEqual([
      "Ada: the launch is on Friday",
      "Noted.",
      "Ada: compare [image: plan.png] with [image: photo.jpg]",
    ]);
    expect(request?.images).toEqual([
      { mediaType: "image/png", bytes: pngFile(64, 48), detail: "high" },
      { mediaType: "image/jpeg", bytes: jpegFile(64, 48), detail: "high" },
    ]);
    expect(standIn.refusals).toEqual([]);
  });

  test("that is too large, or too much with the newer ones, is only named", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => says("Two.") });
    const sized = (name: string, bytes: number): ContentPart => ({
      ...plan,
      name,
      bytes: new Uint8Array(bytes),
    });
    const mb = 2 ** 20;
    const content = [sized("1", 9 * mb), sized("2", 9 * mb), sized("3", 9 * mb), sized("4", 10 * mb + 1)];
    await hear(openModel(standIn, { api }).model, undefined, {
      ...prompt,
      messages: [{ role: "person", content }],
    });
    expect(standIn.requests[0]?.images).toHaveLength(2);
    expect(standIn.requests[0]?.messages[0]?.text).toBe(
      "[image: 1, which you can't see][image: 2][image: 3][image: 4, which you can't see]",
    );
  });

  test("the provider's rules forbid is left out of this request only", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: ({ images }) =>
        images.length > 0
          ? answersError(400, "content_policy_violation", { message: "The image was flagged." })
          : says("I see none."),
    });
    const { model } = openModel(standIn, { api });
    for (const _ of [1, 2])
      expect(await hear(model, undefined, asked)).toMatchObject({ text: "I see none." });
    expect(standIn.requests.map(({ images }) => images.length)).toEqual([2, 0, 2, 0]);
    expect(model.seesImages?.()).toBe(true);
  });

  test("that the refusal names is left out alone, and the caller is told which one it was", async () => {
    const at = api === "responses" ? "input[2].content[3].image_url" : "messages.[3].content.[3].image_url";
    const code = "invalid_image_format";
    await using standIn = await startOpenAiStandIn({
      respond: ({ images }) =>
        images.some(({ mediaType }) => mediaType === "image/jpeg")
          ? answersError(400, code, { message: `Invalid image in '${at}'.` })
          : says("One."),
    });
    const { model } = openModel(standIn, { api });
    const heard = await hear(model, undefined, asked);
    expect(heard).toMatchObject({ text: "One.", unseen: ["photo.jpg: refused"] });
    expect(standIn.requests.map(({ images }) => images.map(({ mediaType }) => mediaType))).toEqual([
      ["image/png", "image/jpeg"],
      ["image/png"],
    ]);
    expect(standIn.requests[1]?.messages.at(-1)?.text).toContain("[image: photo.jpg, which you can't see]");
  });

  test("after a place that names no image, or the same one for ever, all are left out", async () => {
    for (const [place, requests] of [
      ["input[2].content[0], messages[3].content[0]", 2],
      ["input[90].content[90]", 2],
      [api === "responses" ? "input[2].content[1]" : "messages[3].content[1]", 3],
    ] as const) {
      await using standIn = await startOpenAiStandIn({
        respond: ({ images }) =>
          images.length > 0
            ? answersError(400, "invalid_image_format", { message: `Invalid image in ${place}.` })
            : says("None."),
      });
      const heard = await hear(openModel(standIn, { api }).model, undefined, asked);
      expect(heard).toMatchObject({ text: "None.", unseen: ["plan.png,photo.jpg: refused"] });
      expect(standIn.requests).toHaveLength(requests);
    }
  });

  test("forbidden words stay forbidden, with one request", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => answersError(400, "content_policy_violation", { message: "The prompt was flagged." }),
    });
    expect(await hear(openModel(standIn, { api }).model)).toMatchObject({ error: { kind: "refused" } });
    expect(standIn.requests).toHaveLength(1);
  });

  test("is shown again with the results of a call", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: ({ results }) => (results.length > 0 ? says("Both.") : calls("recall", {})),
    });
    const { model } = openModel(standIn, { api });
    const [called] = (await hear(model, undefined, withTools)).called;
    const made = (called?.calls ?? []).map((call) => ({
      call,
      result: "none",
      provider: called?.provider ?? [],
    }));
    expect(await hear(model, undefined, { ...withTools, calls: made })).toMatchObject({ text: "Both." });
    expect(standIn.requests.map(({ images }) => images.length)).toEqual([2, 2]);
    expect(standIn.refusals).toEqual([]);
  });
});

const error = (status: number, message: string, more: object = {}): PlainReply => ({
  status,
  json: { error: { message, ...more } },
});

function showsImages({ body }: PlainRequest): boolean {
  return /"image_url"|"input_image"/u.test(JSON.stringify(body));
}

describe("a server that takes no images", () => {
  test.each([
    // As people quote it in public issues and tests.
    [
      "OpenAI",
      error(400, "Invalid content type. image_url is only supported by certain models.", {
        param: "messages.[2].content.[1].type",
      }),
    ],
    [
      "OpenAI Responses",
      error(400, "Invalid value: 'input_image'. Supported values are: 'input_text'.", {
        param: "input[2].content[1]",
      }),
    ],
    ["OpenRouter", error(404, "No endpoints found that support image input")],
    [
      "vLLM",
      {
        status: 400,
        json: {
          object: "error",
          message: "Qwen/Qwen3-8B is not a multimodal model None",
          type: "BadRequestError",
          code: 400,
        },
      },
    ],
    [
      "vLLM with a limit",
      error(
        400,
        "At most 0 image(s) may be provided in one prompt. Set `--limit-mm-per-prompt` to increase this limit.",
      ),
    ],
    [
      "Ollama",
      error(400, "this model does not support image input (ref: b8bd630e-4a39-4b57-82af-9158ee9d5703)"),
    ],
    ["Ollama's own engine", error(500, "this model is missing data required for image input")],
    [
      "LM Studio",
      { status: 400, json: { error: "Model does not support images. Please use a model that does." } },
    ],
    [
      "llama.cpp",
      error(
        500,
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        { code: 500, type: "server_error" },
      ),
    ],
    [
      "older llama.cpp",
      error(500, 'Failed to parse messages: Unsupported content part type: "image_url"; messages = [', {
        code: 500,
      }),
    ],
    [
      "DeepSeek",
      error(
        400,
        "Failed to deserialize the JSON body into the target type: messages[2]: unknown variant `image_url`, expected `text` at line 1 column 395009",
        { type: "invalid_request_error" },
      ),
    ],
    [
      "Mistral",
      {
        status: 400,
        json: {
          object: "Error",
          message: "Image input is not enabled for this model",
          type: "invalid_request_error",
          code: 3051,
        },
      },
    ],
    ["Groq", error(400, "messages[2].content must be a string", { type: "invalid_request_error" })],
    ["Volcengine", error(400, "Model do not support image input. Request id: 0217888847")],
    [
      "FastAPI",
      {
        status: 422,
        json: {
          detail: [
            {
              type: "string_type",
              loc: ["body", "messages", 2, "content"],
              msg: "Input should be a valid string",
            },
          ],
        },
      },
    ],
    ["a gateway", error(400, "input_image is not allowed; expected text content only")],
    ["another gateway", error(400, "unsupported content type 'image_url'")],
  ] satisfies readonly (readonly [string, PlainReply])[])(
    "(%s) is told their names at once, for an hour",
    async (_, refusal) => {
      let nowMs = 0;
      await using server = await startPlainServer((request) => (showsImages(request) ? refusal : undefined));
      const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
      const { model, log } = openModelAt(`${server.origin}/v1`, { api: "chat", clock });
      expect(await hear(model, undefined, asked)).toMatchObject({ text: "Friday.", finished: [{}] });
      expect(model.seesImages?.()).toBe(false);
      expect(await hear(model, undefined, asked)).toMatchObject({ text: "Friday." });
      expect(server.requests.map(showsImages)).toEqual([true, false, false]);
      expect(JSON.stringify(server.requests[1]?.body)).toContain(
        "Ada: compare [image: plan.png, which you can't see] with [image: photo.jpg, which you can't see]",
      );
      expect(log.lines.filter(({ level }) => level === "warn")).toMatchObject([
        { facts: { features: ["images"] } },
      ]);
      nowMs += hour;
      expect(model.seesImages?.()).toBe(true);
    },
  );

  test("in the middle of an answer with calls is remembered too", async () => {
    await using server = await startPlainServer((request) =>
      showsImages(request) ? error(404, "No endpoints found that support image input") : undefined,
    );
    const { model } = openModelAt(`${server.origin}/v1`, { api: "chat" });
    const made = [{ call: { id: "call_1", name: "recall", argument: "{}" }, result: "none" }];
    expect(await hear(model, undefined, { ...withTools, calls: made })).toMatchObject({ text: "Friday." });
    expect(model.seesImages?.()).toBe(false);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]?.body["tools"]).toBeDefined();
  });

  test("and gives no reason is asked again without them each time", async () => {
    await using server = await startPlainServer((request) =>
      showsImages(request) ? error(400, "Bad request") : undefined,
    );
    const { model } = openModelAt(`${server.origin}/v1`, { api: "chat" });
    for (const _ of [1, 2]) expect(await hear(model, undefined, asked)).toMatchObject({ text: "Friday." });
    expect(server.requests.map(showsImages)).toEqual([true, false, true, false]);
    expect(model.seesImages?.()).toBe(true);
  });
});

describe("one bad image", () => {
  test.each([
    [
      "OpenAI",
      error(
        400,
        "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
        { code: "invalid_image_format" },
      ),
    ],
    [
      "OpenAI's check",
      error(400, "You uploaded an unsupported image. Please make sure your image is valid.", {
        code: "image_parse_error",
      }),
    ],
    [
      "OpenAI Responses",
      error(
        400,
        "The image data you provided does not represent a valid image. Please check your input and try again.",
        { code: "invalid_value" },
      ),
    ],
    [
      "Anthropic's limit",
      error(
        400,
        "messages.58.content.2.image.source.base64: image exceeds 5 MB maximum: 6500712 bytes > 5242880 bytes",
      ),
    ],
    ["vLLM", error(400, "cannot identify image file <_io.BytesIO object at 0x7f>")],
    ["Ollama", error(500, "Failed to load image or audio file")],
    ["a count", error(400, "At most 1 image(s) may be provided in one prompt.")],
    ["a gateway", error(400, "Multimodal data is corrupted or cannot be processed.")],
    ["a body that is too large", { status: 413, json: "Payload too large" }],
    ["a body that is too large, in words", error(413, "Request body too large")],
  ] satisfies readonly (readonly [string, PlainReply])[])(
    "(%s) is left out of its request, and later ones are shown",
    async (_, refusal) => {
      await using server = await startPlainServer((request) => (showsImages(request) ? refusal : undefined));
      const { model } = openModelAt(`${server.origin}/v1`, { api: "chat" });
      const heard = await hear(model, undefined, asked);
      expect(heard).toMatchObject({
        text: "Friday.",
        unseen: [expect.stringMatching(/^plan.png,photo.jpg: /u)],
      });
      expect(server.requests.map(showsImages)).toEqual([true, false]);
      expect(model.seesImages?.()).toBe(true);
      expect(model.promptTokens?.()).toBe(Infinity);
    },
  );
});

test("an image that does not fit into the server's window is left out, and the answer has room", async () => {
  const large: ContentPart = { ...plan, width: 4_000, height: 3_000 };
  await using server = await startPlainServer((request) =>
    showsImages(request)
      ? error(400, "This model's maximum context length is 4096 tokens, however you requested 7000 tokens", {
          code: "context_length_exceeded",
        })
      : undefined,
  );
  const { model } = openModelAt(`${server.origin}/v1`, { api: "chat" });
  const content = [said("Ada: what is it?"), large];
  expect(await hear(model, undefined, { ...prompt, messages: [{ role: "person", content }] })).toMatchObject({
    text: "Friday.",
  });
  expect(server.requests.map(showsImages)).toEqual([true, false]);
  expect(server.requests[1]?.body["max_completion_tokens"]).toBeGreaterThan(1_000);
});

test("a request without images is sent as it is", () => {
  const json = JSON.stringify({ text: "data:image/png;base64,AAAA" });
  expect(new ImageSlots().fill(json, new AbortController().signal)).toBe(json);
});

test("a person can't take the place of an image with words", async () => {
  const slots = new ImageSlots();
  const url = slots.urlOf(plan);
  const json = JSON.stringify({ text: "data:image/png;base64,AAAA", url });
  const filled = await slots.fill(json, new AbortController().signal);
  expect(JSON.parse(Buffer.from(filled).toString())).toEqual({
    text: "data:image/png;base64,AAAA",
    url: `data:image/png;base64,${pngFile(64, 48).toString("base64")}`,
  });
});

test.each([0, 1, 2, 3, 786_431, 786_432, 786_433, 2_000_000])(
  "an image of %i bytes arrives whole",
  async (size) => {
    const bytes = new Uint8Array(randomBytes(size));
    const slots = new ImageSlots();
    const urls = [slots.urlOf({ ...plan, bytes }), "日本 😀", slots.urlOf(plan)];
    const filled = await slots.fill(JSON.stringify(urls), new AbortController().signal);
    expect(JSON.parse(Buffer.from(filled).toString())).toEqual([
      `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`,
      "日本 😀",
      `data:image/png;base64,${pngFile(64, 48).toString("base64")}`,
    ]);
  },
);

test("others have their turn while large images are made ready to send", async () => {
  const slots = new ImageSlots();
  const image = { ...plan, bytes: new Uint8Array(5 * 2 ** 20) };
  const urls = [1, 2, 3, 4].map(() => slots.urlOf(image));
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await slots.fill(JSON.stringify(urls), new AbortController().signal);
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(20);
});
