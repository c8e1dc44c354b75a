import type { APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../../ports/model.ts";
import { wordsOfRefusal } from "./refusal-words.ts";

/** There is no such API at that address. */
export class MissingRouteError extends ModelError {
  constructor(kind: ModelErrorKind) {
    super(kind, "The provider has no such API at this address");
  }
}

/** What is missing then is something else: a 404 says both. */
const somethingElse = /\bmodels?\b|deployment|tool|no endpoints|allowed providers/iu;
/** Some say so with a status for bad requests, or with none; and a model may know only one of the two. */
const named =
  /\bunexpected endpoint\b|\b(?:invalid|unknown|unsupported|unrecognized) (?:request )?(?:url|path|route|endpoint)\b|\bcannot post\b|(?:\b(?:not|cannot|only|unsupported)|n[’']t)\b.{0,60}\b(?:responses|chat completions) api\b|\bresponses api\b.{0,40}\bnot\b|\b(?:not|only) (?:supported )?in (?:the )?v1\/(?:responses|chat)/iu;

/** @param isKnown It says what it is about. */
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
