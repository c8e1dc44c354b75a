/**
 * How servers say that they, or the model, take no images. From public reports about OpenAI, OpenRouter, vLLM, Ollama,
 * LM Studio, llama.cpp, DeepSeek, Groq, Mistral and Volcengine: see test/models/openai/images.test.ts.
 */
const takesNone: readonly RegExp[] = [
  /(?<![a-z])(?:image|vision|multi-?modal)[\w' -]{0,40}\b(?:is|are) (?:not|only) (?:supported|enabled|available|allowed)/iu,
  /\b(?:does|do|did)(?: not|n['’]t) (?:support|accept|take|allow)[^.\n]{0,30}\b(?:image|vision|multi-?modal)/iu,
  /\bnot (?:a |an )?(?:multi-?modal|vision)/iu,
  /\bat most 0 image/iu,
  /\bmissing data required for image/iu,
  /\bno endpoints found that support image/iu,
  /\bunsupported content(?: part type|\[\]\.type)/iu,
  /\bunknown (?:variant|part type|content type)[^.\n]{0,20}\b(?:image|input_image)/iu,
  /\b(?:invalid|unsupported) (?:value|type|content type)[^.\n]{0,20}\b(?:input_image|image_url)\b/iu,
  /\bcontent['"`]?,? must be a string\b/iu,
  /\bshould be a valid string\b[\s\S]{0,400}\bmessages\.\d{1,5}\.content\b/iu,
  /\b(?:image|vision)s? (?:input |content )?(?:not|un)\s?supported\b/iu,
  /\bsupports? (?:only text|text only)\b|\btext-only model\b/iu,
  /不支持[^\n]{0,10}(?:图片|图像|视觉)/u,
];

/** How they say that something is wrong with the images of this request. */
const isBad: readonly RegExp[] = [
  /\binvalid_image|\bimage_(?:parse_error|too_(?:large|small|many)|content_policy)|\binvalid_base64|\bsanitizer_server_error/iu,
  /\b(?:unsupported|invalid|corrupt\w{0,4}|broken|malformed|damaged) (?:image|base64|media type)/iu,
  /\b(?:images?|multi-?modal data)\b[^.\n]{0,60}\b(?:not (?:a |represent a )?valid|could not|couldn['’]t|cannot|can['’]t|failed|exceed\w{0,3}|too (?:large|big|small|many)|corrupt\w{0,3}|dimensions?|pixels)\b/iu,
  /\b(?:failed|unable|could not|cannot|can['’]t)(?: to)? (?:load|decode|process|parse|read|open|identify|fetch|download)[^.\n]{0,30}\bimage/iu,
  /\b(?:too many|number of|at most [1-9]\d{0,3}) image/iu,
];

/** A part of a request: the place of its message, and its own place in that message. */
export interface PartPlace {
  readonly message: number;
  readonly part: number;
}

/**
 * Such as `input[3].content[1].image_url` (OpenAI's Responses), `messages.[2].content.[1].type` (its Chat Completions) and
 * `messages.58.content.2.image` (gateways), as public reports quote them.
 */
const place = /(?<![a-z])(?:input|messages)\.?\[?(\d{1,4})\]?\.content\.?\[?(\d{1,4})(?!\d)/iu;

/** Where the image stands in the request that a refusal is about. Undefined: it does not say. */
export function placeIn(text: string): PartPlace | undefined {
  const [, message, part] = place.exec(text) ?? [];
  return message === undefined ? undefined : { message: Number(message), part: Number(part) };
}

/** What a refusal says about images. `none`: no image is taken. `bad`: others may be. Undefined: nothing. */
export function imageFaultIn(text: string): "none" | "bad" | undefined {
  if (takesNone.some((form) => form.test(text))) return "none";
  return isBad.some((form) => form.test(text)) ? "bad" : undefined;
}
