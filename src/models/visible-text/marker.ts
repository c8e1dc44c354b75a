/** What a marker in a model's own format stands for. */
export type MarkerMeaning =
  /** Thoughts begin. `isToken`: no person writes it; a tag may stand in prose too. Only `closing` ends them, where it is there. */
  | { readonly kind: "thoughts"; readonly isToken: boolean; readonly closing?: string }
  | { readonly kind: "thoughts-end" }
  /** A call is written as text; it goes to the closing tag, or to the end. */
  | { readonly kind: "call"; readonly closing?: string; readonly isToken: boolean }
  /** A message in OpenAI's Harmony format begins, with its header. */
  | { readonly kind: "header" }
  /** The end of a call, or what a model makes up as its result; of no meaning where nothing was called. */
  | { readonly kind: "call-end" | "call-result" }
  /** The answer is over; what follows is made up. */
  | { readonly kind: "over" }
  /** It is over, where nothing follows. */
  | { readonly kind: "last" }
  /** Stands around something, and says nothing. */
  | { readonly kind: "wrapping" };

/** `<tag>`, `</tag>`, `<tag=…>`, `<tag …>` */
const tag = /^<\/?[a-z][\w:.-]{0,40}(?:[= ][^<>\n]{0,80})?>/iu;
/** `<|token|>`, `<|token>`, `<token|>`, and DeepSeek's with wide bars. */
const token = /^<(?:[|｜][^<>\n]{1,60}|\w{1,30}\|)>/u;
/** Mistral's `[TOKEN]`, and Kimi's. */
const bracketed = /^(?:\[\/?[A-Z_ ]{3,24}\]|◁\/?\w{1,20}▷)/u;
const beginning = /^(?:<(?:[|｜/]?[\w｜][^<>\n]{0,100}|[|｜/]?)|\[\/?[A-Z_ ]{0,24}|◁\/?\w{0,20})$/u;

/** More of the text decides whether it is a marker. */
export const unfinished = Symbol("unfinished mark");

/** The marker with which a text begins. Undefined where there is none. */
export function markerAtStart(text: string): string | typeof unfinished | undefined {
  // Most of these signs are none, and there may be many.
  if (text.length > 1 && !/[\w/|｜]/u.test(text.charAt(1))) return undefined;
  const found = tag.exec(text) ?? token.exec(text) ?? bracketed.exec(text);
  return found?.[0] ?? (beginning.test(text) ? unfinished : undefined);
}

/** The marker with which a text begins, or the length of what is none there. 0: more of it decides. @param signs Where markers may begin. */
export function nextMarker(text: string, signs: RegExp, isLast: boolean): string | number {
  const at = text.search(signs);
  if (at !== 0) return at === -1 ? text.length : at;
  const marker = markerAtStart(text);
  if (marker === unfinished) return isLast ? 1 : 0;
  return marker ?? 1;
}

const thinking = /^(?:\w{1,20}[:_]|ant)?(?:think(?:ing)?|thoughts?|reasoning|thought_process|scratchpad)$/u;
/** Apriel's thoughts have no other end. */
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

/** All that mean something; a page's worth of other tags is passed over at once. */
const telling = /[|｜[◁]|think|thought|reason|scratch|call|tool|function|invoke|turn|unused|^<\/s>$/iu;

/** Undefined for what is only text: HTML, an address in brackets, a placeholder. */
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
  // Open WebUI's; others may stand in any answer.
  if (/^details (?:.{0,60} )?type=["']?reasoning/u.test(name))
    return { kind: "thoughts", isToken: true, closing: "</details>" };
  if (/^(?:end|start)_of_turn$/u.test(word)) return { kind: "over" };
  if (word === "/s") return { kind: "last" };
  if (word.startsWith("/") && (callingTag.test(word.slice(1)) || word === "/function"))
    return { kind: "call-end" };
  if (resultTag.test(word)) return { kind: "call-result" };
  if (callingTag.test(word)) return { kind: "call", closing: `</${word}>`, isToken: false };
  // These name what they call.
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

/** Some models write the name of what they call as a tag: `<recall>…</recall>`, `<recall words="…"/>`. */
export function callNamedBy(marker: string, names: readonly string[]): MarkerMeaning | undefined {
  const [, name = "", more = ""] = /^<([\w.-]{1,64})([^<>]*)>$/u.exec(marker) ?? [];
  if (!names.includes(name)) return undefined;
  const closing = more.endsWith("/") ? {} : { closing: `</${name.toLowerCase()}>` };
  return { kind: "call", isToken: more.includes("="), ...closing };
}
