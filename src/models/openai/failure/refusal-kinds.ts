import type { APIError } from "openai";

import type { ModelErrorKind } from "../../../ports/model.ts";
import { asObject, asText } from "../../json.ts";
import { innerStatus } from "./inner-status.ts";
import { kindInSentence } from "./refusal-sentences.ts";
import { wordsOfRefusal } from "./refusal-words.ts";

/** Codes and types of many providers, in lower case without signs. */
const byCode: ReadonlyMap<string, ModelErrorKind> = new Map<string, ModelErrorKind>([
  ["insufficientquota", "out-of-quota"],
  ["billinghardlimitreached", "out-of-quota"],
  ["billingerror", "out-of-quota"],
  ["exceededcurrentquotaerror", "out-of-quota"],
  ["arrearage", "out-of-quota"],
  ["billingnotactive", "out-of-quota"],
  ["budgetexceeded", "out-of-quota"],
  ["accountoverdueerror", "out-of-quota"],
  ["ratelimitexceeded", "rate-limited"],
  ["ratelimiterror", "rate-limited"],
  ["resourceexhausted", "rate-limited"],
  ["overloadederror", "unreachable"],
  ["unavailable", "unreachable"],
  ["invalidapikey", "bad-key"],
  ["incorrectapikey", "bad-key"],
  ["apikeyinvalid", "bad-key"],
  ["authenticationerror", "bad-key"],
  ["unauthenticated", "bad-key"],
  ["modelnotfound", "unknown-model"],
  ["invalidmodel", "unknown-model"],
  ["deploymentnotfound", "unknown-model"],
  ["modelnotsupported", "unknown-model"],
  ["modeldecommissioned", "unknown-model"],
  ["modeldeprecated", "unknown-model"],
  ["modelnotavailable", "unknown-model"],
  ["modelnotopen", "not-allowed"],
  ["modeltermsrequired", "not-allowed"],
  ["permissiondenied", "not-allowed"],
  ["contextlengthexceeded", "context-too-long"],
  ["requesttoolarge", "context-too-long"],
  ["contentfilter", "refused"],
  ["contentpolicyviolation", "refused"],
  // OpenAI's code for an image that its safety system does not allow.
  ["moderationblocked", "refused"],
  ["responsibleaipolicyviolation", "refused"],
  ["datainspectionfailed", "refused"],
  ["inputtextsensitivecontentdetected", "refused"],
  ["outputtextsensitivecontentdetected", "refused"],
  // OpenAI's code for a prompt that its safety system flagged.
  ["invalidprompt", "refused"],
  ["unsupportedcountryregionterritory", "region"],
]);

/** For these statuses, words choose only between the listed kinds. */
const mayMean: Readonly<Record<number, ReadonlySet<ModelErrorKind>>> = {
  401: new Set(["bad-key", "not-allowed", "unverified", "region", "out-of-quota"]),
  402: new Set(["out-of-quota", "credit-too-small", "daily-quota"]),
  429: new Set(["daily-quota", "out-of-quota", "loading"]),
};
const askedTooMuch: ReadonlySet<ModelErrorKind> = new Set(["loading", "not-installed"]);
/** Provider errors that gateways report as their own failure. */
const behindGateway: ReadonlySet<ModelErrorKind> = new Set(["bad-key", "out-of-quota"]);
/** Codes with several causes, and the kinds that a sentence can refine them to. */
const refined: Partial<Readonly<Record<ModelErrorKind, ReadonlySet<ModelErrorKind>>>> = {
  "rate-limited": new Set(["daily-quota", "out-of-quota"]),
  "unknown-model": new Set(["not-installed"]),
  // Google uses it for wrong keys too.
  "not-allowed": new Set(["bad-key", "region", "out-of-quota"]),
};

/** The kind of a refusal, from its code, words and status. `isSure`: not from the status alone. */
export function kindOfRefusal(error: APIError): { readonly kind: ModelErrorKind; readonly isSure: boolean } {
  const words = wordsOfRefusal(error);
  const inner = innerStatus(error.status, error.code, words);
  const status: number | undefined = inner ?? error.status;
  const told = kindInSentence(words, (kind) => isPossible(kind, status));
  const coded = codesIn(error)
    .map((code) => byCode.get(code))
    .find((each) => each !== undefined);
  const isRefined = coded !== undefined && told !== undefined && refined[coded]?.has(told) === true;
  const kind = isRefined ? told : (coded ?? told);
  return { kind: kind ?? kindByStatus(status), isSure: kind !== undefined || inner !== undefined };
}

function isPossible(kind: ModelErrorKind, status: number | undefined): boolean {
  if (status === undefined) return true;
  if (status === 500 || status === 502) return askedTooMuch.has(kind) || behindGateway.has(kind);
  if (status > 500) return askedTooMuch.has(kind);
  return mayMean[status]?.has(kind) ?? (kind !== "loading" && kind !== "rate-limited");
}

function codesIn({ code, type, error }: APIError): readonly string[] {
  const { status, error_type: errorType } = asObject(error);
  return [code, type, status, errorType].map((each) =>
    asText(each)
      .replaceAll(/[^a-z0-9]/giu, "")
      .toLowerCase(),
  );
}

function kindByStatus(status: number | undefined): ModelErrorKind {
  switch (status) {
    case undefined:
      return "cut-off";
    case 401:
      return "bad-key";
    // The key is valid, otherwise it would be a 401.
    case 403:
      return "not-allowed";
    case 402:
      return "out-of-quota";
    case 404:
    case 410:
      return "unknown-model";
    case 413:
      return "context-too-long";
    case 429:
      return "rate-limited";
    case 408:
    case 409:
    case 498:
      return "unreachable";
    case 451:
      return "region";
    default:
      return status >= 500 ? "unreachable" : "rejected";
  }
}
