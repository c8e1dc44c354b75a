import { APIConnectionError, APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../../ports/model.ts";
import { lacksRoute, MissingRouteError } from "./missing-route.ts";
import { keepProviderWords } from "./provider-words.ts";
import { refusalIn, type Refusal } from "./refusal.ts";
import { kindOfRefusal } from "./refusal-kinds.ts";
import { wordsOfRefusal } from "./refusal-words.ts";
import { requestedWaitMs } from "./reset-time.ts";
import { brokenCall, suspectImages, suspicionFrom, type Suspicion } from "./suspicion.ts";
import { limitsIn, type Limits } from "./too-long.ts";

/** A temporary failure: the same request may succeed later. */
export class PassingModelError extends ModelError {}

/** The provider rejects the request, perhaps for a feature that it does not support. */
export class RefusedRequestError extends ModelError {
  // Private, so that it is not logged.
  readonly #suspicion: Suspicion;

  constructor(kind: ModelErrorKind, message: string, suspicion: Suspicion) {
    super(kind, message);
    this.#suspicion = suspicion;
  }

  get suspicion(): Suspicion {
    return this.#suspicion;
  }
}

/** The prompt or the room for its answer exceeds the server's limit. */
export class TooLongError extends ModelError {
  readonly limits: Limits;

  constructor(message: string, limits: Limits) {
    super("context-too-long", message);
    this.limits = limits;
  }
}

/** The model wrote an unreadable call. This answer is made without functions; later ones have them again. */
export function brokenCallError(): ModelError {
  return new RefusedRequestError("empty", "The model wrote an unreadable call", brokenCall);
}

/** Converts any error of the client. The provider's words are left out, because they may repeat parts of the prompt or key. */
export function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionError) {
    return new PassingModelError("unreachable", "The provider can't be reached", networkFault(error));
  }
  if (!(error instanceof APIError)) {
    const what = error instanceof Error ? error.name : typeof error;
    return new PassingModelError("cut-off", `The stream broke off (${what})`, networkFault(error));
  }
  return failureOf(error, "answered");
}

/** Converts a failure that the provider sent inside a stream. */
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
  const suspicion = suspicionAbout(refusal, kind, known);
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

/** What the provider's rules forbid may be an image: the words around it may be answered. */
function suspicionAbout(
  refusal: Refusal,
  kind: ModelErrorKind,
  known: ModelErrorKind | undefined,
): Suspicion | undefined {
  if (known === undefined) return suspicionFrom(refusal, kind === "rejected");
  return known === "refused" ? suspectImages(refusal) : undefined;
}

/** Whether words about lengths can't change the kind. Less room may be affordable. */
function isLasting(kind: ModelErrorKind | undefined): boolean {
  return kind !== undefined && !["context-too-long", "rate-limited", "credit-too-small"].includes(kind);
}

const passing: ReadonlySet<ModelErrorKind> = new Set(["unreachable", "loading", "rate-limited", "cut-off"]);

/** Repeats only what looks like an identifier. */
function inBrackets(words: readonly unknown[]): string {
  const known = words.filter((word) => typeof word === "string" && /^[\w.[\]-]{1,80}$/u.test(word));
  const distinct = new Set(known);
  return distinct.size === 0 ? "" : ` (${[...distinct].join(", ")})`;
}

/** The network error below, if it has a code. Errors without a code may quote a header or an address. */
function networkFault(error: unknown): ErrorOptions {
  for (let fault = error; fault instanceof Error; fault = fault.cause) {
    if ("code" in fault && typeof fault.code === "string" && !fault.code.startsWith("ERR_INVALID")) {
      return { cause: fault };
    }
  }
  return {};
}
