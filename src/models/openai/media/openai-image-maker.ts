import { setImmediate } from "node:timers/promises";

import { APIConnectionError, APIError } from "openai";
import type { ImageGenerateParamsNonStreaming } from "openai/resources/images";

import { imageSize, imageTypeOf } from "../../../domain/image-bytes.ts";
import type { ImageMaker, ImageOrder, MadeImage } from "../../../ports/image-maker.ts";
import { ModelError } from "../../../ports/model.ts";
import { asList, asObject, asText } from "../../json.ts";
import { reportedUsage } from "../api/reported-usage.ts";
import { asModelError } from "../failure/failure.ts";
import { refusalIn } from "../failure/refusal.ts";
import { throwIfFailed } from "../failure/stated-failure.ts";
import { MediaClient, type MediaOptions } from "./media-client.ts";

type ImageMakerOptions = Omit<MediaOptions, "deadlineMs"> & Partial<Pick<MediaOptions, "deadlineMs">>;

/** Fields that not every server and model takes. */
type OptionalField = "response_format" | "size";

const deadlineMs = 120_000;
const maxImageBytes = 20 * 2 ** 20;
/** As base64, with what stands around it. */
const maxAnswerBytes = Math.ceil(maxImageBytes / 3) * 4 + 64 * 1_024;
const size = "1024x1024";
/** These always return the image itself, and refuse to be asked for it. */
const returnsBytes = /(?:gpt|chatgpt)-image/iu;
/** The server may be replaced or updated. */
const learnedForMs = 3_600_000;

/** A model that makes images, of OpenAI or of any server with its image API. @throws {TypeError} as MediaClient. */
export function createImageMaker(options: ImageMakerOptions): ImageMaker {
  const { model, clock } = options;
  const client = new MediaClient({ deadlineMs, ...options });
  const refusedUntilMs = new Map<OptionalField, number>();
  const isRefused = (field: OptionalField): boolean => (refusedUntilMs.get(field) ?? 0) > clock.nowMs();
  if (returnsBytes.test(model)) refusedUntilMs.set("response_format", Infinity);
  const bodyOf = ({ prompt }: ImageOrder): ImageGenerateParamsNonStreaming => ({
    model,
    prompt,
    ...(isRefused("size") ? {} : { size }),
    ...(isRefused("response_format") ? {} : { response_format: "b64_json" }),
  });
  const adapt = (refusal: APIError): boolean => {
    const field = fieldRefusedBy(refusal);
    if (field === undefined || isRefused(field)) return false;
    refusedUntilMs.set(field, clock.nowMs() + learnedForMs);
    return true;
  };
  return {
    name: model,
    make: async (order, signal) => {
      const body = await client.call(
        {
          send: ({ images }, ending) => images.generate(bodyOf(order), { signal: ending }),
          said: order.prompt,
          maxAnswerBytes,
          adapt,
          mayRepeat: isUnbilled,
        },
        signal,
      );
      await setImmediate();
      return imageIn(body);
    },
  };
}

function fieldRefusedBy(refusal: APIError): OptionalField | undefined {
  const { status, words, names } = refusalIn(refusal);
  if (status !== 400 && status !== 422) return undefined;
  const text = [words, ...names].join("\n");
  if (/response_format/iu.test(text)) return "response_format";
  return /\bsizes?\b/iu.test(text) ? "size" : undefined;
}

const neverSent: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** A gateway gave up on a server that may go on. */
const mayGoOn: ReadonlySet<number> = new Set([408, 502, 504, 520, 521, 522, 523, 524]);

/** Whether the provider can't have made an image. OpenAI bills none that it refuses with a status of its own. */
function isUnbilled(error: unknown): boolean {
  if (error instanceof APIConnectionError) {
    const { code } = asObject(asModelError(error).cause);
    return neverSent.has(asText(code));
  }
  if (!(error instanceof APIError)) return false;
  const status: number | undefined = error.status;
  return status !== undefined && !mayGoOn.has(status);
}

const tokenNames = {
  prompt: "input_tokens",
  promptDetails: "input_tokens_details",
  reply: "output_tokens",
  replyDetails: "output_tokens_details",
};

function imageIn(body: Readonly<Record<string, unknown>>): MadeImage {
  const [first] = asList(body["data"]);
  const encoded = asText(asObject(first)["b64_json"]);
  if (encoded === "") {
    throwIfFailed(body);
    throw new ModelError("rejected", "The provider's answer has no image in it");
  }
  const bytes = Buffer.from(encoded, "base64");
  const mediaType = imageTypeOf(bytes);
  const found = mediaType === undefined ? undefined : imageSize(bytes, mediaType);
  if (mediaType === undefined || found === undefined)
    throw new ModelError("rejected", "The provider's image can't be read");
  return { mediaType, ...found, bytes, ...reportedUsage(asObject(body["usage"]), tokenNames) };
}
