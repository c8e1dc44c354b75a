/** The meaning of a marker in a model's own format. */
export type MarkerMeaning =
  /** Thoughts begin. `isToken`: people never write it, while a tag may occur in prose. `closing`: the only tag that ends them. */
  | { readonly kind: "thoughts"; readonly isToken: boolean; readonly closing?: string }
  | { readonly kind: "thoughts-end" }
  /** A call begins. It ends at the closing tag, or with the text. */
  | { readonly kind: "call"; readonly closing?: string; readonly isToken: boolean }
  /** A header of OpenAI's Harmony format begins. */
  | { readonly kind: "header" }
  /** The end of a call, or an invented result. Means nothing without a call before it. */
  | { readonly kind: "call-end" | "call-result" }
  /** The answer is over; text after it is invented. */
  | { readonly kind: "over" }
  /** The answer is over, if nothing follows. */
  | { readonly kind: "last" }
  /** Wraps other text, and is left out. */
  | { readonly kind: "wrapping" };

/** `<tag>`, `</tag>`, `<tag=…>`, `<tag …>` */
const tag = /^<\/?[a-z][\w:.-]{0,40}(?:[= ][^<>\n]{0,80})?>/iu;
/** `<|token|>`, `<|token>`, `<token|>`, and DeepSeek's with wide bars. */
const token = /^<(?:[|｜][^<>\n]{1,60}|\w{1,30}\|)>/u;
/** Mistral's `[TOKEN]`, and Kimi's. */
const bracketed = /^(?:\[\/?[A-Z_ ]{3,24}\]|◁\/?\w{1,20}▷)/u;
const beginning = /^(?:<(?:[|｜/]?[\w｜][^<>\n]{0,100}|[|｜/]?)|\[\/?[A-Z_ ]{0,24}|◁\/?\w{0,20})$/u;

/** More text is needed to decide whether it is a marker. */
export const unfinished = Symbol("unfinished mark");

/** The marker at the start of a text. Undefined: none. */
export function markerAtStart(text: string): string | typeof unfinished | undefined {
  // Most of these characters start no marker, and there may be many.
  if (text.length > 1 && !/[\w/|｜]/u.test(text.charAt(1))) return undefined;
  const found = tag.exec(text) ?? token.exec(text) ?? bracketed.exec(text);
  return found?.[0] ?? (beginning.test(text) ? unfinished : undefined);
}

/** The marker at the start of a text, or the length of the text before the next one. 0: more text is needed. @param signs - characters that can start a marker */
export function nextMarker(text: string, signs: RegExp, isLast: boolean): string | number {
  const at = text.search(signs);
  if (at !== 0) return at === -1 ? text.length : at;
  const marker = markerAtStart(text);
  if (marker === unfinished) return isLast ? 1 : 0;
  return marker ?? 1;
}

const thinking = /^(?:\w{1,20}[:_]|ant)?(?:think(?:ing)?|thoughts?|reasoning|thought_process|scratchpad)$/u;
/** The only end of Apriel's thoughts. */
const finalResponse = "begin final response";
const thinkingToken = /think|thought|reasoning|inner_(?:prefix|suffix)|^unused9[45]$/u;
const closingToken = /^\/|end|suffix|^unused95$|close/u;
const callingTag =
  /^(?:\w{1,20}:)?(?:tools|tool_?calls?|function_?calls?|tool_use|use_tool|start_function_call)$/u;
const callingToken = /tool|function|python_tag|action_start|start_action|plugin|invoke/u;
const resultTag = /^tool_(?:response|result|output)s?$/u;
const overTokens: ReadonlySet<string> = new Set([
  "im_end",
  "im_start",
  "eot_id",
  "eom_id",
  "endoftext",
  "end_of_text",
  "end_of_turn",
  "start_of_turn",
  "start_header_id",
  "end▁of▁sentence",
  "end_of_sentence",
  "user",
  "observation",
  "end_of_turn_token",
  "eos",
]);
const wrappingTokens: ReadonlySet<string> = new Set([
  "begin_of_box",
  "end_of_box",
  "begin_of_solution",
  "end_of_solution",
  "start_response",
  "end_response",
  "start_text",
  "end_text",
  "constrain",
  "assistant",
  "message",
  "end final response",
]);

/** Quick test: skips HTML tags without further work. */
const telling = /[|｜[◁]|think|thought|reason|scratch|call|tool|function|invoke|turn|unused|^<\/s>$/iu;

/** Undefined for plain text: HTML, an address in brackets, a placeholder. */
export function meaningOf(marker: string): MarkerMeaning | undefined {
  if (!telling.test(marker)) return undefined;
  const name = marker.replaceAll(/^[<[◁]|[>\]▷]$/gu, "").toLowerCase();
  const isToken = /^[|｜]|\|$/u.test(name) || /^[[◁]/u.test(marker) || /^<unused9[45]>$/u.test(marker);
  return isToken ? meaningOfToken(name.replaceAll(/^[|｜]|[|｜]$/gu, ""), marker) : meaningOfTag(name);
}

function meaningOfTag(name: string): MarkerMeaning | undefined {
  const [word = ""] = name.split(/[= ]/u, 1);
  if (thinking.test(word.replace("/", ""))) {
    return word.startsWith("/") ? { kind: "thoughts-end" } : { kind: "thoughts", isToken: false };
  }
  // Open WebUI's form. Other details elements may occur in any answer.
  if (/^details (?:.{0,60} )?type=["']?reasoning/u.test(name))
    return { kind: "thoughts", isToken: true, closing: "</details>" };
  if (/^(?:end|start)_of_turn$/u.test(word)) return { kind: "over" };
  if (word === "/s") return { kind: "last" };
  if (word.startsWith("/") && (callingTag.test(word.slice(1)) || word === "/function"))
    return { kind: "call-end" };
  if (resultTag.test(word)) return { kind: "call-result" };
  if (callingTag.test(word)) return { kind: "call", closing: `</${word}>`, isToken: false };
  // These contain the tool's name.
  const isNamed = word === "function" ? name.startsWith("function=") : / name=/u.test(name);
  return isNamed && /^(?:function|(?:\w{1,20}:)?invoke)$/u.test(word)
    ? { kind: "call", closing: `</${word}>`, isToken: true }
    : undefined;
}

function meaningOfToken(name: string, marker: string): MarkerMeaning | undefined {
  if (name === "channel" && marker.startsWith("<channel")) return { kind: "thoughts-end" };
  if (name === "channel" && !marker.endsWith("|>")) return { kind: "thoughts", isToken: true };
  if (name === "start" || name === "channel") return { kind: "header" };
  if (name === "end" || name === "return" || name === "call") return { kind: "over" };
  if (name === finalResponse) return { kind: "thoughts-end" };
  if (overTokens.has(name)) return { kind: "over" };
  if (wrappingTokens.has(name)) return { kind: "wrapping" };
  if (thinkingToken.test(name)) {
    return closingToken.test(name) ? { kind: "thoughts-end" } : { kind: "thoughts", isToken: true };
  }
  return callingToken.test(name) ? { kind: "call", isToken: true } : undefined;
}

/** The call of a tool that is written as a tag: `<recall>…</recall>`, `<recall words="…"/>`. */
export function callNamedBy(marker: string, names: readonly string[]): MarkerMeaning | undefined {
  const [, name = "", more = ""] = /^<([\w.-]{1,64})([^<>]*)>$/u.exec(marker) ?? [];
  if (!names.includes(name)) return undefined;
  const closing = more.endsWith("/") ? {} : { closing: `</${name.toLowerCase()}>` };
  return { kind: "call", isToken: more.includes("="), ...closing };
}
