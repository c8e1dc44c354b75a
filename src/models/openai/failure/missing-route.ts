import type { APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../../ports/model.ts";
import { wordsOfRefusal } from "./refusal-words.ts";

/** The server has no such API at this address. */
export class MissingRouteError extends ModelError {
  constructor(kind: ModelErrorKind) {
    super(kind, "The provider has no such API at this address");
  }
}

/** A 404 about these means something else. */
const somethingElse = /\bmodels?\b|deployment|tool|no endpoints|allowed providers/iu;
/** Some servers say so with another status or none; and a model may support only one API. */
const named =
  /\bunexpected endpoint\b|\b(?:invalid|unknown|unsupported|unrecognized) (?:request )?(?:url|path|route|endpoint)\b|\bcannot post\b|(?:\b(?:not|cannot|only|unsupported)|n[’']t)\b.{0,60}\b(?:responses|chat completions) api\b|\bresponses api\b.{0,40}\bnot\b|\b(?:not|only) (?:supported )?in (?:the )?v1\/(?:responses|chat)/iu;

/** @param isKnown - the error has a known meaning already */
export function lacksRoute(error: APIError, isKnown: boolean): boolean {
  const { code } = error;
  const status: number | undefined = error.status;
  const words = wordsOfRefusal(error);
  const mayBe = status === undefined || [400, 403, 404, 405, 501].includes(status);
  if (mayBe && named.test(words)) return true;
  if (isKnown || status === undefined || ![404, 405, 501].includes(status)) return false;
  const hasCode = typeof code === "string" && somethingElse.test(code.replaceAll("_", " "));
  return !hasCode && !somethingElse.test(words);
}
