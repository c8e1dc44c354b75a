import { APIConnectionError, APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../ports/model.ts";
import { retryAfterMs } from "../../runtime/retry-after.ts";
import { suspectsIn, type Extra } from "./suspects.ts";

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
  return typeof error.status === "number" ? failureByStatus(error.status, error) : failureByCode(error.code);
}

/** For a stream that says itself that it failed. */
export function failureByCode(code: unknown): ModelError {
  const kind = kindByCode(code) ?? "cut-off";
  const message = `The provider ended the stream with an error${inBrackets([code])}`;
  return kind === "cut-off" || kind === "rate-limited"
    ? new PassingModelError(kind, message)
    : new ModelError(kind, message);
}

function failureByStatus(status: number, error: APIError): ModelError {
  const { code, type, param, requestID, headers } = error;
  const known = kindByCode(code) ?? kindByCode(type);
  const kind = known ?? kindByStatus(status);
  const message = `The provider answered ${status}${inBrackets([code, type, param, requestID])}`;
  const suspects = known === undefined ? suspectsIn(status, error) : [];
  if (suspects.length > 0) {
    return new RefusedRequestError(kind === "unreachable" ? "rejected" : kind, message, suspects);
  }
  return kind === "unreachable" || kind === "rate-limited"
    ? new PassingModelError(kind, message, { retryAfterMs: askedForMs(headers) })
    : new ModelError(kind, message);
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

function kindByStatus(status: number): ModelErrorKind {
  switch (status) {
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
