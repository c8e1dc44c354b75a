import type { ModelErrorKind } from "../../../ports/model.ts";

/** The first match wins. */
const sentences: readonly (readonly [ModelErrorKind, readonly RegExp[]])[] = [
  [
    "loading",
    [
      /\bloading (?:the )?model\b/iu,
      /\bmodel\b.{0,80}\b(?:is|being) (?:currently |still )?(?:loading|loaded)\b/iu,
      /\b(?:server|engine|model) is (?:not (?:yet )?ready|(?:still )?starting)\b/iu,
    ],
  ],
  [
    "not-installed",
    [
      /\btry pulling\b/iu,
      /\bollama pull\b/iu,
      /\bno models? (?:is |are )?loaded\b/iu,
      /\bmodel is not loaded\b/iu,
      /\b(?:failed to|could not|can't|cannot) load (?:the )?model\b/iu,
      /\bmodel (?:has )?(?:unloaded|crashed)\b/iu,
      /\bmodel requires more\b.{0,20}\bmemory\b/iu,
    ],
  ],
  [
    "unverified",
    [/\bmust be verified\b/iu, /\bverify (?:your )?organi[sz]ation\b/iu, /\bidentity verification\b/iu],
  ],
  [
    "region",
    [
      /\b(?:country|region|territory|location)\b.{0,40}\bnot (?:supported|available)\b/iu,
      /\bnot (?:supported|available) in your (?:country|region|location)\b/iu,
      /^error code: 1009$/iu,
    ],
  ],
  [
    "refused",
    [
      /\bmoderation\b/iu,
      /\b(?:input|content|prompt|message) (?:was|has been|is) flagged\b/iu,
      /\b(?:content|usage|safety) (?:policy|policies|filter|management)\b/iu,
      /\bsafety system\b/iu,
      /\b(?:sensitive|inappropriate|unsafe|harmful|prohibited) (?:information|content|words?|material)\b/iu,
      /\bhigh risk\b/iu,
      /敏感/iu,
      /违规/iu,
    ],
  ],
  ["credit-too-small", [/\bcan only afford\b/iu, /\bfewer max_tokens\b/iu]],
  [
    "daily-quota",
    [
      /[Pp]er[ -]?[Dd]ay/u,
      /ByDay/u,
      /\b[Dd]aily\b.{0,20}\b(?:limit|quota|allocation|allowance|cap)\b/u,
      /\b[RT]PD\b/u,
    ],
  ],
  [
    "out-of-quota",
    [
      /\binsufficient (?:balance|funds|credits?|quota)\b/iu,
      /\bbalance is (?:insufficient|too low|not enough)\b/iu,
      /\bcredit balance\b/iu,
      /\bout of credits?\b/iu,
      /\b(?:not enough|have any|no|available|included|purchase|cloud) (?:\w+ )?credits?\b/iu,
      /\bkey limit exceeded\b/iu,
      /\b(?:spending|budget|monthly) limits?\b/iu,
      /(?<!hourly )\busage limits?\b(?!.{0,20}\bhour)/iu,
      /\bbudget (?:has been |was )?exceeded\b/iu,
      /\bexceeded budget\b/iu,
      /\boverdue\b/iu,
      /\bpast invoices\b/iu,
      /\bpayment (?:method|required)\b/iu,
      /\bfree tier\b.{0,40}\bexhausted\b/iu,
      /\baccount is not active\b/iu,
      /\binference limit\b/iu,
      /\bplan and billing details\b.{0,200}\blimit: 0\b/iu,
      /\bper month\b/iu,
      /\/ ?month\b/iu,
      /余额不足/iu,
      /欠费/iu,
      /充值/iu,
    ],
  ],
  [
    "bad-key",
    [
      /\b(?:invalid|incorrect|wrong|expired|missing|no|valid) (?:\w+ )?(?:api|access|authentication|auth|subscription)[ _-]?(?:key|token)\b/iu,
      /\bapi[ _]key\b.{0,40}\b(?:not valid|invalid|expired|leaked|revoked|missing|required)\b/iu,
      /\b(?:bad|invalid|no|missing|wrong) (?:\w+ )?credentials\b/iu,
      /\bunregistered callers\b/iu,
      /^unauthori[sz]ed\.?$/iu,
    ],
  ],
  [
    "unknown-model",
    [
      /\b(?:invalid|unknown|unsupported) model\b/iu,
      /\bno such model\b/iu,
      /\bmodel\b.{0,120}\b(?:not exist|not found|not a valid|is not available)\b/iu,
      /\bnot a valid model\b/iu,
      /\b(?:requested|specified) model(?: \S{1,100})? is not supported\b/iu,
      /\bnot work with the specified model\b/iu,
      /\bmodel name format\b/iu,
      /\bmodel\b[^.]{0,120}\b(?:decommissioned|end of life|discontinued|retired|has been (?:deprecated|removed))/iu,
      /模型不存在/iu,
    ],
  ],
  [
    "not-allowed",
    [
      /\b(?:not|no|n[’']t) (?:have )?access\b/iu,
      /\baccess (?:is )?(?:denied|restricted|disabled)\b/iu,
      /\baccess\b.{0,60}\bis (?:denied|restricted|disabled)\b/iu,
      /\bnot (?:allowed|permitted|authori[sz]ed) to\b/iu,
      /\binsufficient permissions\b/iu,
      /\b(?:permission|action)\b.{0,200}\b(?:denied|to perform|is required|to use)\b/iu,
      /\bdata policy\b/iu,
      /\bmissing scopes\b/iu,
      /\bproviders have been ignored\b/iu,
      /\bterms acceptance\b/iu,
      /\bnot activated\b/iu,
      /\b(?:organi[sz]ation|project|account)\b.{0,60}\b(?:restricted|disabled|archived|deactivated|suspended)\b/iu,
      /\bblocked at the\b/iu,
      /无权限/iu,
    ],
  ],
  // Used only without a status.
  ["rate-limited", [/\brate[ -]?limit/iu, /\btoo many requests\b/iu]],
];

/** The kind that a sentence names. @param isPossible - whether the status allows that kind */
export function kindInSentence(
  words: string,
  isPossible: (kind: ModelErrorKind) => boolean,
): ModelErrorKind | undefined {
  return sentences.find(([kind, forms]) => isPossible(kind) && forms.some((form) => form.test(words)))?.[0];
}
