import type { APIError } from "openai";

import { ModelError, type ModelErrorKind } from "../../ports/model.ts";

/** There is no such API at that address. */
export class MissingRouteError extends ModelError {
  constructor(kind: ModelErrorKind) {
    super(kind, "The provider has no such API at this address");
  }
}

/** What is missing then is something else: a 404 says both. */
const somethingElse = /\bmodels?\b|deployment|tool|no endpoints|allowed providers/iu;

export function lacksRoute({ status, message, code }: APIError): boolean {
  if (status === undefined || ![404, 405, 501].includes(status)) return false;
  const hasCode = typeof code === "string" && somethingElse.test(code.replaceAll("_", " "));
  return !hasCode && !somethingElse.test(message);
}
