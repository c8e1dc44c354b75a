import { APIConnectionError, APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../../ports/model.ts";
import { lacksRoute, MissingRouteError } from "./missing-route.ts";
import { keepProviderWords } from "./provider-words.ts";
import { refusalIn } from "./refusal.ts";
import { kindOfRefusal } from "./refusal-kinds.ts";
import { wordsOfRefusal } from "./refusal-words.ts";
import { requestedWaitMs } from "./reset-time.ts";
import { brokenCall, suspicionOf, type Suspicion } from "./suspicion.ts";
import { limitsIn, type Limits } from "./too-long.ts";

/** A failure that may be gone when the same is asked again. */
export class PassingModelError extends ModelError {}

/** The provider refuses the request as it is, perhaps for something that it does not know. */
export class RefusedRequestError extends ModelError {
  // Private: nothing of it is for the log.
  readonly #suspicion: Suspicion;

  constructor(kind: ModelErrorKind, message: string, suspicion: Suspicion) {
    super(kind, message);
    this.#suspicion = suspicion;
  }

  get suspicion(): Suspicion {
    return this.#suspicion;
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

/** The model wrote a call that can't be read: that costs this answer its functions, and no other. */
export function brokenCallError(): ModelError {
  return new RefusedRequestError("empty", "The model wrote a call that can't be read", brokenCall);
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

/** The provider gives in an answer's place. */
export function failureInStream(error: APIError): ModelError {
  return failureOf(error, "ended the stream with");
}

function failureOf(error: APIError, how: "answered" | "ended the stream with"): ModelError {
  return keepProviderWords(classified(error, how), wordsOfRefusal(error));
}

function classified(error: APIError, how: string): ModelError {
  const { code, type, param, requestID } = error;
  const status: number | undefined = error.status;
  const { kind, isSure } = kindOfRefusal(error);
  const known = isSure ? kind : undefined;
  if (lacksRoute(error, known !== undefined)) return new MissingRouteError(kind);
  const message = `The provider ${how} ${status ?? "an error"}${inBrackets([code, type, param, requestID])}`;
  const refusal = refusalIn(error);
  const limits = limitsIn(refusal);
  if (limits !== undefined && !isLasting(known)) return new TooLongError(message, limits);
  const suspicion = known === undefined ? suspicionOf(refusal, kind === "rejected") : undefined;
  if (suspicion !== undefined) {
    return new RefusedRequestError(
      kind === "unreachable" || kind === "cut-off" ? "rejected" : kind,
      message,
      suspicion,
    );
  }
  const options = { retryAfterMs: requestedWaitMs(error, Date.now()) };
  return passing.has(kind)
    ? new PassingModelError(kind, message, options)
    : new ModelError(kind, message, options);
}

/** What no word about lengths makes to something else. Less room may be affordable. */
function isLasting(kind: ModelErrorKind | undefined): boolean {
  return kind !== undefined && !["context-too-long", "rate-limited", "credit-too-small"].includes(kind);
}

const passing: ReadonlySet<ModelErrorKind> = new Set(["unreachable", "loading", "rate-limited", "cut-off"]);

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
