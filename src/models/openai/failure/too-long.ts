import { amountsIn, type Amount } from "./amounts.ts";
import type { Refusal } from "./refusal.ts";

/** The limits that a server names. */
export interface Limits {
  /** Maximum tokens of prompt and answer together. */
  readonly windowTokens?: number;
  /** The rejected prompt, in the server's count. */
  readonly promptTokens?: number;
  /** The rejected prompt and the room for its answer, in the server's count. */
  readonly requestTokens?: number;
  /** Maximum tokens of an answer. */
  readonly replyTokens?: number;
}

const codes =
  /context_length|context_window|context_size|max_prompt_tokens|tokens_limit|prompt_too_long|input_too_long|request_too_large|contextwindowexceeded|string_above_max_length/iu;
const context =
  /context[ _-]?(?:length|window|size|limit)|max_model_len|max_seq_len|max_num_tokens|n_ctx|maximum model length|(?:input|prompt) length|上下文|max(?:imum)? input/iu;
const subject =
  /tokens?\b|\bprompt|\binputs?\b|\bmessages?\b|\bconversation\b|\brequest\b|\bbody\b|\bsequence\b|\btext\b|输入|内容|长度/iu;
const excess =
  /exceed|too (?:long|large|many|big)|(?:long|larg|great|bigg)er than|more than|less than|at most|over the|max(?:imum)? |\bmax\b|limit|must be <=|reduce|not enough|overflow|range of|between|within|should be in|greater than|sum of|>|超|过长|过大/iu;
const ofTokens = /tokens?\b|token数/iu;
/** The field for the room, or its meaning. */
const room =
  /max_?(?:completion|output|new)?_?tokens|completion tokens|output tokens|maximum tokens you requested|afford/iu;
const bound =
  /too large|at most|less than|lower than|exceed|range|maximum|greater than|must be|should be|afford|取值范围|>/iu;
const ofPrompt =
  /context (?:length|size|window|limit)|\binputs?\b|\bprompts?\b|\bmessages\b|max_model_len|max_seq_len/iu;
const perTime = /per (?:minute|min|day|hour|second)|\btp[md]\b|rate limit/iu;
const fieldTooLong = /maximum length/iu;
const ofMessages = /^(?:body\.)?(?:messages|input|prompt|contents?)\b/iu;

/** Limits of other things: minimums, numbers of items, other fields. */
const otherLimit =
  /at least|below (?:the )?minimum|minimum value|>= \d|budget_tokens|number of (?:tools|images|messages)|array too long|\bimages?\b(?![^\n]{0,200}\btokens?\b)[^\n]{0,60}(?:exceed|too (?:large|big)|bytes|\bMB\b|pixels|dimension)/iu;

/** Undefined when the refusal is not about length. */
export function limitsIn(refusal: Refusal): Limits | undefined {
  const { status, words, names, numbers } = refusal;
  if (status === 401 || status === 403 || status === 404) return undefined;
  const amounts = amountsIn(words).filter(({ value }) => value !== status);
  if (perTime.test(words) || status === 429) return limitPerTime(status, amounts);
  if (otherLimit.test(words) || isFieldTooLong(refusal)) return undefined;
  if (room.test(words) && bound.test(words) && !ofPrompt.test(words)) {
    const replyTokens = limitAmong(amounts);
    if (replyTokens !== undefined) return { replyTokens };
  }
  const isTooLong = status === 413 || names.some((name) => codes.test(name)) || saysTooLong(words);
  return isTooLong ? windowIn(words, amounts, numbers) : undefined;
}

/** A limit per minute or day also limits one request, if that request alone exceeds it. */
function limitPerTime(status: number | undefined, amounts: readonly Amount[]): Limits | undefined {
  const limit = amounts.find(({ before }) => /limit/iu.test(before))?.value;
  const requested = amounts.find(({ before }) => /request/iu.test(before))?.value;
  if (limit !== undefined && requested !== undefined && requested > limit)
    return { windowTokens: limit, requestTokens: requested };
  return status === 413 ? {} : undefined;
}

/** Another field, such as a key, exceeds its own maximum length. */
function isFieldTooLong({ names, words }: Refusal): boolean {
  const isOther = names.some((name) => /[.[_]/u.test(name) && !ofMessages.test(name) && !codes.test(name));
  return fieldTooLong.test(words) && !ofTokens.test(words) && (isOther || !ofPrompt.test(words));
}

function saysTooLong(words: string): boolean {
  return words
    .split("\n")
    .some(
      (line) =>
        excess.test(line) &&
        (context.test(line) || (subject.test(line) && (ofTokens.test(line) || tooMuch.test(line)))),
    );
}

const tooMuch =
  /(?:prompt|inputs?|messages?|conversation|request|body|sequence|输入|内容)[^.\n]{0,80}(?:too (?:long|large)|exceeds|longer than|超长|超过|超出|过长|过大)/iu;

function windowIn(words: string, amounts: readonly Amount[], numbers: ReadonlyMap<string, number>): Limits {
  const windowTokens = numberOf(windowNames, numbers) ?? limitAmong(amounts);
  if (windowTokens === undefined) return {};
  const others = amounts.filter(({ value }) => value !== windowTokens);
  const known = numberOf(promptNames, numbers);
  if (known !== undefined) return { windowTokens, promptTokens: known };
  const [only, ...more] = others;
  if (only === undefined) return { windowTokens };
  if (more.length > 0) {
    const promptTokens = others.find(({ around }) => /messages|input|prompt/iu.test(around))?.value;
    return promptTokens === undefined ? { windowTokens } : { windowTokens, promptTokens };
  }
  const isWhole = /requested|total|completion|max_tokens/iu.test(words) && !/prompt_len/iu.test(only.before);
  return isWhole ? { windowTokens, requestTokens: only.value } : { windowTokens, promptTokens: only.value };
}

/** Fields in which servers send the numbers. */
const windowNames = [
  "n_ctx",
  "max_context_length",
  "context_length",
  "context_window",
  "max_model_len",
  "max_input_tokens",
];
const promptNames = ["n_prompt_tokens", "prompt_tokens", "input_tokens"];

function numberOf(names: readonly string[], numbers: ReadonlyMap<string, number>): number | undefined {
  return names.map((name) => numbers.get(name)).find((each) => each !== undefined && each > 0);
}

/** The smaller of two numbers is the limit; with more numbers, words decide. */
function limitAmong(amounts: readonly Amount[]): number | undefined {
  const values = [...new Set(amounts.map(({ value }) => value))];
  if (values.length <= 2) return values.length === 0 ? undefined : Math.min(...values);
  const limits = amounts.filter(({ isLimit }) => isLimit);
  return (limits.find(({ isLimit }) => isLimit === "sign") ?? limits[0])?.value;
}
