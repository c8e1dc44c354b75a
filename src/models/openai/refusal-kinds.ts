import type { APIError } from "openai";

import type { ModelErrorKind } from "../../ports/model.ts";
import { listIn, objectIn, textIn } from "../json.ts";

/** Codes and types, as many providers write them; without their case and signs. */
const byCode: ReadonlyMap<string, ModelErrorKind> = new Map<string, ModelErrorKind>([
  ["insufficientquota", "out-of-quota"],
  ["billinghardlimitreached", "out-of-quota"],
  ["billingerror", "out-of-quota"],
  ["exceededcurrentquotaerror", "out-of-quota"],
  ["arrearage", "out-of-quota"],
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
  ["contextlengthexceeded", "context-too-long"],
  ["requesttoolarge", "context-too-long"],
  ["contentfilter", "refused"],
  ["contentpolicyviolation", "refused"],
  ["responsibleaipolicyviolation", "refused"],
  ["datainspectionfailed", "refused"],
  // OpenAI's code for a prompt that its safety system flagged.
  ["invalidprompt", "refused"],
  ["unsupportedcountryregionterritory", "region"],
]);

/** What a sentence says more exactly than any code; the first that fits. */
const byWords: readonly (readonly [ModelErrorKind, RegExp])[] = [
  [
    "loading",
    /\bloading (?:the )?model\b|\bmodel\b.{0,80}\b(?:is|being) (?:currently |still )?(?:loading|loaded)\b/iu,
  ],
  [
    "not-installed",
    /\btry pulling\b|\bollama pull\b|\bno models? (?:is |are )?loaded\b|\bmodel is not loaded\b/iu,
  ],
  ["unverified", /\bmust be verified\b|\bverify (?:your )?organi[sz]ation\b|\bidentity verification\b/iu],
  [
    "region",
    /\b(?:country|region|territory|location)\b.{0,40}\bnot (?:supported|available)\b|\bnot (?:supported|available) in your (?:country|region|location)\b/iu,
  ],
  [
    "refused",
    /\bmoderation\b|\b(?:input|content|prompt|message) (?:was|has been|is) flagged\b|\b(?:content|usage|safety) (?:policy|policies|filter|management)\b|\bsafety system\b/iu,
  ],
  ["credit-too-small", /\bcan only afford\b|\bfewer max_tokens\b/iu],
  ["daily-quota", /[Pp]er[ -]?[Dd]ay|\b[Dd]aily (?:limit|quota)\b|\b[RT]PD\b/u],
  [
    "out-of-quota",
    /\binsufficient (?:balance|funds|credits?|quota)\b|\bcredit balance\b|\bout of credits?\b|\bnot enough credits?\b|\bkey limit exceeded\b|余额不足|欠费/iu,
  ],
  [
    "bad-key",
    /\b(?:invalid|incorrect|wrong|expired|missing|no|valid) (?:api|access|authentication|auth)[ _-]?(?:key|token)\b|\bapi[ _]key (?:is )?(?:not valid|invalid|expired)\b/iu,
  ],
  [
    "unknown-model",
    /\b(?:invalid|unknown|unsupported) model\b|\bmodel\b.{0,120}\b(?:not exist|not found|not a valid|is not available)\b|\bnot a valid model\b/iu,
  ],
  [
    "not-allowed",
    /\b(?:not|no) (?:have )?access\b|\bnot (?:allowed|permitted|authorized) to\b|\binsufficient permissions\b|\bdata policy\b|\bmissing scopes\b/iu,
  ],
];

/** Where the status itself says enough, words decide only between what it may mean. */
const mayMean: Readonly<Record<number, ReadonlySet<ModelErrorKind>>> = {
  401: new Set(["bad-key", "not-allowed", "unverified", "region"]),
  402: new Set(["out-of-quota", "credit-too-small", "daily-quota"]),
  429: new Set(["daily-quota", "out-of-quota", "loading"]),
};
const askedTooMuch: ReadonlySet<ModelErrorKind> = new Set(["loading", "not-installed"]);

/** What a refusal is, by its code, its words and its status. `isSure`: not by its status alone. */
export function kindOfRefusal(error: APIError): { readonly kind: ModelErrorKind; readonly isSure: boolean } {
  const status: number | undefined = error.status;
  const words = wordsOfRefusal(error);
  const told = byWords.find(([kind, form]) => isPossible(kind, status) && form.test(words))?.[0];
  const coded = codesIn(error)
    .map((code) => byCode.get(code))
    .find((each) => each !== undefined);
  // A code for several causes: what was asked for is over for today, or forbidden here.
  const kind = coded === "rate-limited" && told === "daily-quota" ? told : (coded ?? told);
  return { kind: kind ?? kindByStatus(status), isSure: kind !== undefined };
}

/** The sentence in which the provider says why, with what it says in details. */
export function wordsOfRefusal(error: APIError): string {
  const fields = objectIn(error.error);
  const { raw, reasons } = objectIn(fields["metadata"]);
  const quotas = listIn(fields["details"]).flatMap((detail) =>
    listIn(objectIn(detail)["violations"]).map((each) => textIn(objectIn(each)["quotaId"])),
  );
  const own = textIn(fields["message"]) || textIn(fields["detail"]) || textIn(error.error);
  const parts = [own, textIn(raw), ...listIn(reasons).map(textIn), ...quotas];
  return parts
    .filter((each) => each !== "")
    .join(" · ")
    .slice(0, mostWords);
}

const mostWords = 2_000;

function isPossible(kind: ModelErrorKind, status: number | undefined): boolean {
  if (status === undefined) return true;
  if (status >= 500) return askedTooMuch.has(kind);
  return mayMean[status]?.has(kind) ?? kind !== "loading";
}

function codesIn({ code, type, error }: APIError): readonly string[] {
  const { status, error_type: errorType } = objectIn(error);
  return [code, type, status, errorType].map((each) =>
    textIn(each)
      .replaceAll(/[^a-z0-9]/giu, "")
      .toLowerCase(),
  );
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
    case 451:
      return "region";
    default:
      return status >= 500 ? "unreachable" : "rejected";
  }
}
