import type { Effort, RequestFeature } from "../api/request-feature.ts";
import { efforts } from "../api/request-feature.ts";
import { imageFaultIn, placeIn, type PartPlace } from "./image-refusal.ts";
import type { Refusal } from "./refusal.ts";

/** The request features that a refusal may be about. */
export interface Suspicion {
  /** What to leave out, one step after another. Features that were not sent are skipped. */
  readonly steps: readonly (readonly RequestFeature[])[];
  /** The refusal does not name a feature. */
  readonly isGuess: boolean;
  /** It concerns only this answer; the next request stays unchanged. */
  readonly isPassing: boolean;
  /** Efforts that the server names as supported. */
  readonly efforts: readonly Effort[];
  /** Of the one image that is named as its cause. */
  readonly imageAt?: PartPlace;
}

const namedBy: readonly (readonly [RequestFeature, RegExp])[] = [
  ["strictTools", /\bstrict\b|additionalProperties|additional_properties/iu],
  ["thoughts", /encrypted[ _]content|['"`]include['"`[]|^include\b|\.include\b/imu],
  ["cacheKey", /\bprompt_cache_key\b/iu],
  [
    "effort",
    /\breasoning[._ ]?effort\b|['"`.]reasoning\b|^reasoning\b|\breasoning is mandatory\b|\b(?:reasoning|think|thinking) value\b|\bsupport (?:thinking|reasoning)\b|\bthinking (?:is )?(?:not|un)\s?supported|\bthinking[ _](?:level|budget|mode|config)|\bthinking_?(?:level|budget|config)|\bbudget_tokens\b|\benable_thinking\b|chat_template_kwargs|\bthinking['"`]/imu,
  ],
  ["store", /['"`.]store\b|^store\b/imu],
  ["usage", /stream_options|include_usage/iu],
  ["maxCompletionTokens", /max_completion_tokens/iu],
  ["maxTokens", /\bmax_(?:output_)?tokens\b/iu],
  ["tools", /\btools?\b|\btool_|\bfunctions?\b|\bgrammar\b/iu],
];
/** The model wrote an unreadable call. */
const failedCall =
  /tool_use_failed|failed to (?:call|parse|generate)[^.\n]{0,40}(?:tool|function|argument|json)|failed to parse input|failed_generation|(?:pars|decod)\w{1,4} (?:the |a )?(?:tool|function)|(?:tool|function)[ _]calls?\b[^.\n]{0,60}(?:malformed|can(?:'|no)t be parsed|not valid json|invalid json)|malformed[ _]function/iu;
export const brokenCall: Suspicion = {
  steps: [["tools", "toolMessages"]],
  isGuess: false,
  isPassing: true,
  efforts: [],
};
/** Something is wrong with an image of this request: the request goes on without it, or without images, this once. */
const badImages: Suspicion = { steps: [["images"]], isGuess: false, isPassing: true, efforts: [] };
const template =
  /raise_exception|jinja|chat[ _]template(?!_kwargs)|template error|\bat row \d|while executing \w+ at line|json\.exception/iu;
const shape =
  /alternat|consecutive|successive|prefill|messages at the end|same role|in a row|roles? (?:must|should|order)|conversation roles|(?:first|last) (?:message|turn|content|role)|(?:must|should) (?:start|begin|end) with|after (?:the )?(?:optional )?system|multiturn requests|(?:unexpected|unsupported|invalid|unknown) role|roles? (?:is|are) (?:not )?supported|expected (?:role|last)/iu;
const system =
  /(?:system|developer)['"`]? (?:role|messages?|prompts?|instructions?)|role['"`:]? ['"`]?(?:system|developer)|only (?:the )?['"`]?user['"`]?(?:,| and| or)/iu;
const toolRole =
  /contain ['"`]?content|but is null|function (?:call|response) turn|thought_signature|reasoning_content|role[^.\n]{0,20}['"`]tool['"`]|['"`]tool['"`] role|\btool (?:role|messages?)\b|tool_call_id/iu;
/** Required fields: leaving other features out does not help. */
const notOurs: ReadonlySet<string> = new Set(["stream", "model", "temperature", "user"]);

const plainer: readonly RequestFeature[] = [
  "neighbours",
  "systemRole",
  "strictTools",
  "thoughts",
  "cacheKey",
  "effort",
  "usage",
  "maxCompletionTokens",
];
const guesses: readonly (readonly RequestFeature[])[] = [["images"], plainer, ["toolMessages", "tools"]];
/** A router found no provider for the whole set of parameters. */
const unnamed = /requested parameters|one or more parameters/iu;

const quotes = ["'", '"', "`"];

/** After a refusal that is about an image, perhaps a named one. */
export function suspectImages(refusal: Refusal): Suspicion {
  const imageAt = placeIn(textIn(refusal));
  return imageAt === undefined ? badImages : { ...badImages, imageAt };
}

function textIn({ words, names }: Refusal): string {
  return [words, ...names].join("\n");
}

/** Undefined when no feature can be the cause. */
export function suspicionFrom(refusal: Refusal, mayGuess: boolean): Suspicion | undefined {
  const { status, names } = refusal;
  // Some servers report it as their own fault: llama.cpp answers 500 when its template rejects a message.
  const isRefusal = status === undefined || [400, 404, 405, 415, 422, 500, 501].includes(status);
  if (!isRefusal) return undefined;
  const text = textIn(refusal);
  if (failedCall.test(text)) return brokenCall;
  const imageFault = imageFaultIn(text);
  if (imageFault === "bad") return suspectImages(refusal);
  const known = imageFault === "none" ? [["images" as const], ...stepsIn(text)] : stepsIn(text);
  const isOpen =
    unnamed.test(text) ||
    (mayGuess && (status === 400 || status === 422) && !names.some((name) => notOurs.has(name)));
  const steps = [...known, ...(isOpen ? guesses : [])];
  if (steps.length === 0) return undefined;
  return { steps, isGuess: known.length === 0, isPassing: false, efforts: effortsIn(text) };
}

function stepsIn(text: string): readonly (readonly RequestFeature[])[] {
  const named = namedBy.flatMap(([extra, name]) => (name.test(text) ? [extra] : []));
  // "strict" is named by its path inside the tools.
  const sure = named.includes("strictTools") ? named.filter((extra) => extra !== "tools") : named;
  const isShape = shape.test(text) || system.test(text) || toolRole.test(text);
  if (!isShape && !template.test(text)) return sure.length === 0 ? [] : [sure];
  const first: readonly RequestFeature[] = toolRole.test(text) ? ["toolMessages"] : [];
  const roles: readonly (readonly RequestFeature[])[] =
    system.test(text) && !/alternat/iu.test(text)
      ? [["systemRole"], ["neighbours"]]
      : [["neighbours"], ["systemRole"]];
  const steps: readonly (readonly RequestFeature[])[] = isShape
    ? [first, ...roles, ["toolMessages"], sure]
    : [sure, ...roles, ["toolMessages"]];
  return steps.filter((step) => step.length > 0);
}

/** Only after words such as "must be": the rejected one is named before them. */
function effortsIn(text: string): readonly Effort[] {
  const at = text.search(/supported (?:values|efforts)|must be|one of|expected|allowed|valid values/iu);
  const known = at === -1 ? "" : text.slice(at);
  return efforts.filter((effort) => quotes.some((quote) => known.includes(quote + effort + quote)));
}
