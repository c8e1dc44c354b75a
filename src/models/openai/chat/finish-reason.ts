import { ModelError } from "../../../ports/model.ts";
import { brokenCallError, PassingModelError } from "../failure/failure.ts";

/** Some servers send a reason before the end. */
const none = /^(?:|null|none|unknown|in_progress|.*unspecified)$/u;
const cut =
  /^(?:length|length_limit|truncated|model_length|.*max.*(?:tokens|length)|.*token_limit.*|.*context.*(?:exceeded|length))$/u;
const brokenCall = /malformed/u;
const refused = /filter|safety|guardrail|blocklist|prohibited|sensitive|recitation|spii|refus|moderat/u;
const broken = /error|abort|cancel|insufficient|overload|time_?out|fail/u;

/**
 * How an answer ended, from the `finish_reason` of Chat Completions in any server's wording. Undefined: it continues.
 * @throws {ModelError} when the reason is a failure.
 */
export function endFromReason(reason: string, hasText: boolean): "whole" | "cut" | undefined {
  if (reason === "") return undefined;
  const word = reason.toLowerCase();
  if (none.test(word)) return undefined;
  if (cut.test(word)) return "cut";
  if (brokenCall.test(word)) {
    if (hasText) return "whole";
    throw brokenCallError();
  }
  if (refused.test(word)) throw new ModelError("refused", "The provider's content filter stopped the answer");
  if (broken.test(word)) throw new PassingModelError("cut-off", "The provider broke the answer off");
  return "whole";
}
