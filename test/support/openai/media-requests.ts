import type { IncomingHttpHeaders } from "node:http";

import { z } from "zod";

import { pngFile } from "../files/image-files.ts";
import { answersError, type ErrorScript, type FaultScript } from "./script.ts";

/** What a recording is answered with. `usage`: as the provider writes it. */
export type TranscriptScript =
  | { readonly kind: "transcript"; readonly text: string; readonly usage?: object }
  | FaultScript;

/** What an order is answered with. Missing `bytes`: a small PNG. `body`: sent as it is, in place of an image. */
export type ImageScript =
  | { readonly kind: "image"; readonly bytes?: Buffer; readonly usage?: object; readonly body?: unknown }
  | FaultScript;

/** A form that arrived at `POST /v1/audio/transcriptions`. */
export interface TranscriptionRequest {
  readonly headers: IncomingHttpHeaders;
  /** All but the file. */
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly mediaType: string; readonly bytes: Buffer };
}

/** A body that arrived at `POST /v1/images/generations`. */
export interface ImageRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: z.output<typeof imageBody>;
}

export const audioModels = ["gpt-transcribe", "gpt-4o-transcribe-diarize", "whisper-1"] as const;
export const imageModels = ["gpt-image-2.6-flare", "dall-e-3"] as const;

// Only the fields that the bot sends; OpenAI refuses the same ones for its models.
const transcriptionFields = z.strictObject({
  model: z.string().min(1),
  response_format: z.literal("json"),
  chunking_strategy: z.literal("auto").optional(),
});
const imageBody = z.strictObject({
  model: z.string().min(1),
  prompt: z.string().min(1).max(32_000),
  size: z.enum(["1024x1024", "1536x1024", "1024x1536", "auto"]).optional(),
  response_format: z.literal("b64_json").optional(),
});

/** The media types that OpenAI knows by the ending of the name. */
const formats: Readonly<Record<string, RegExp>> = {
  flac: /^audio\/flac$/u,
  mp3: /^audio\/mpeg$/u,
  mp4: /^(?:audio|video)\/mp4$/u,
  mpeg: /^video\/mpeg$/u,
  mpga: /^audio\/mpga$/u,
  m4a: /^audio\/m4a$/u,
  ogg: /^audio\/ogg$/u,
  wav: /^audio\/wav$/u,
  webm: /^(?:audio|video)\/webm$/u,
};
const maxBytes = 26_214_400;

/** Reads the form. @throws {z.ZodError} when a field is wrong. */
export async function readTranscription(
  body: Buffer<ArrayBuffer>,
  headers: IncomingHttpHeaders,
): Promise<TranscriptionRequest | ErrorScript> {
  if (body.byteLength > maxBytes) {
    const message = `413: Maximum content size limit (${maxBytes}) exceeded (${body.byteLength} bytes read)`;
    return answersError(413, null, { message });
  }
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data; boundary="))
    return answersError(400, null, { message: "The body is no form" });
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  const file = form.get("file");
  form.delete("file");
  const fields = transcriptionFields.parse(Object.fromEntries(form));
  if (!(file instanceof File)) return answersError(400, null, { message: "file: Field required" });
  const ending = file.name.split(".").at(-1) ?? "";
  if (formats[ending]?.test(file.type) !== true || file.size === 0) {
    const message = `Invalid file format. Supported formats: ${JSON.stringify(Object.keys(formats))}`;
    return answersError(400, null, { message });
  }
  const bytes = Buffer.from(await file.arrayBuffer());
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    headers,
    fields: Object.fromEntries(given),
    file: { name: file.name, mediaType: file.type, bytes },
  };
}

/** @throws {z.ZodError} when the body is not one that the API takes. */
export function readImageOrder(json: unknown, headers: IncomingHttpHeaders): ImageRequest | ErrorScript {
  const body = imageBody.parse(json);
  if (body.model.startsWith("gpt-image") && body.response_format !== undefined)
    return answersError(400, "unknown_parameter", { message: "Unknown parameter: 'response_format'." });
  return { headers, body };
}

/** The body of a transcript, as the API writes it. */
export function transcriptBody({ text, usage }: Extract<TranscriptScript, { kind: "transcript" }>): object {
  return { text, usage: usage ?? { type: "duration", seconds: 3 } };
}

/** The body of an image, as the API writes it. */
export function imageAnswer({ bytes, usage, body }: Extract<ImageScript, { kind: "image" }>): unknown {
  if (body !== undefined) return body;
  const image = bytes ?? pngFile(64, 48);
  return {
    created: 1_764_316_800,
    background: "opaque",
    data: [{ b64_json: image.toString("base64") }],
    output_format: "png",
    quality: "low",
    size: "1024x1024",
    usage: usage ?? {
      input_tokens: 20,
      input_tokens_details: { image_tokens: 0, text_tokens: 20 },
      output_tokens: 272,
      total_tokens: 292,
    },
  };
}
