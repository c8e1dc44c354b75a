import { APIConnectionError, APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../ports/model.ts";
import { retryAfterMs } from "../../runtime/retry-after.ts";
import { objectIn } from "../json.ts";
import { lacksRoute, MissingRouteError } from "./missing-route.ts";
import { refusalIn } from "./refusal.ts";
import { suspectsIn, type Extra } from "./suspects.ts";
import { limitsIn, type Limits } from "./too-long.ts";

/** A failure that may be gone when the same is asked again. */
export class PassingModelError extends ModelError {}

/** The provider refuses the request as it is, perhaps for something that it does not know. */
export class RefusedRequestError extends ModelError {
  readonly suspects: readonly Extra[];

  constructor(kind: ModelErrorKind, message: string, suspects: readonly Extra[]) {
    super(kind, message);
    this.suspects = suspects;
  }
}

/** The prompt, or the room for its answer, is more than the server takes. */
export class TooLongError extends ModelError {
  readonly limits: Limits;

  constructor(message: string, limits: Limits) {
    super("context-too-long", message);
    this.limits = limits;
  }
}

/**
 * What the library threw, as a ModelError. The provider's own words are left out: they may repeat a part of the
 * prompt or of the key.
 */
export function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionError) {
    return new PassingModelError("unreachable", "The provider can't be reached", networkFault(error));
  }
  if (!(error instanceof APIError)) {
    const what = error instanceof Error ? error.name : typeof error;
    return new PassingModelError("cut-off", `The stream can't be read on (${what})`, networkFault(error));
  }
  return failureOf(error, "answered");
}

/** @throws {ModelError} for an event, or a body in a stream's place, that says that there will be no answer. */
export function throwIfFailed(event: Readonly<Record<string, unknown>>): void {
  if (event["error"]) throw failureIn(event["error"]);
  if (event["object"] === "error" || event["type"] === "error") throw failureIn(event);
}

/** What a stream says of its own failure: a status stands there among the fields, or in the code. */
export function failureIn(error: unknown): ModelError {
  const fields = typeof error === "string" ? { message: error } : objectIn(error);
  return failureOf(new APIError(statusIn(fields), fields, undefined, undefined), "ended the stream with");
}

function statusIn(fields: Readonly<Record<string, unknown>>): number | undefined {
  const { code, status, status_code: statusCode, http_status: httpStatus } = fields;
  return [code, status, statusCode, httpStatus].map(Number).find((each) => each >= 400 && each < 600);
}

function failureOf(error: APIError, how: "answered" | "ended the stream with"): ModelError {
  const { code, type, param, requestID, headers } = error;
  const status: number | undefined = error.status;
  const known = kindByCode(code) ?? kindByCode(type);
  const kind = known ?? kindByStatus(status);
  if (known === undefined && lacksRoute(error)) return new MissingRouteError(kind);
  const message = `The provider ${how} ${status ?? "an error"}${inBrackets([code, type, param, requestID])}`;
  const limits = limitsIn(refusalIn(error));
  if (limits !== undefined && !isLasting(known)) return new TooLongError(message, limits);
  const suspects = known === undefined && status !== undefined ? suspectsIn(status, error) : [];
  if (suspects.length > 0) {
    return new RefusedRequestError(kind === "unreachable" ? "rejected" : kind, message, suspects);
  }
  return ["unreachable", "rate-limited", "cut-off"].includes(kind)
    ? new PassingModelError(kind, message, { retryAfterMs: askedForMs(headers) })
    : new ModelError(kind, message);
}

/** Codes that no word of the message makes to something else. */
function isLasting(kind: ModelErrorKind | undefined): boolean {
  return kind !== undefined && kind !== "context-too-long" && kind !== "rate-limited";
}

const kindsByCode: ReadonlyMap<unknown, ModelErrorKind> = new Map<unknown, ModelErrorKind>([
  ["insufficient_quota", "out-of-quota"],
  ["billing_hard_limit_reached", "out-of-quota"],
  ["rate_limit_exceeded", "rate-limited"],
  ["invalid_api_key", "bad-key"],
  ["model_not_found", "unknown-model"],
  ["context_length_exceeded", "context-too-long"],
  ["content_filter", "refused"],
  ["content_policy_violation", "refused"],
  // OpenAI's code for a prompt that its safety system flagged.
  ["invalid_prompt", "refused"],
]);

function kindByCode(code: unknown): ModelErrorKind | undefined {
  return kindsByCode.get(code);
}

function kindByStatus(status: number | undefined): ModelErrorKind {
  switch (status) {
    case undefined:
      return "cut-off";
    case 401:
    case 403:
      return "bad-key";
    case 402:
      return "out-of-quota";
    case 404:
      return "unknown-model";
    case 413:
      return "context-too-long";
    case 429:
      return "rate-limited";
    case 408:
    case 409:
      return "unreachable";
    default:
      return status >= 500 ? "unreachable" : "rejected";
  }
}

function askedForMs(headers: Headers | undefined): number {
  const inMs = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (inMs >= 0 && Number.isFinite(inMs)) return inMs;
  return retryAfterMs(headers?.get("retry-after"), Date.now()) ?? 0;
}

/** Only what looks like an identifier is repeated. */
function inBrackets(words: readonly unknown[]): string {
  const known = words.filter((word) => typeof word === "string" && /^[\w.[\]-]{1,80}$/u.test(word));
  const distinct = new Set(known);
  return distinct.size === 0 ? "" : ` (${[...distinct].join(", ")})`;
}

/** The fault below: refused, reset, timed out. Errors without a code may quote a header or an address. */
function networkFault(error: unknown): ErrorOptions {
  for (let fault = error; fault instanceof Error; fault = fault.cause) {
    if ("code" in fault && typeof fault.code === "string" && !fault.code.startsWith("ERR_INVALID")) {
      return { cause: fault };
    }
  }
  return {};
}
