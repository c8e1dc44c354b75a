import type { APIError } from "openai";

/** What we send beside the plainest request. OpenAI knows all of it; servers of one's own may not. */
export type Extra = "tools" | "thoughts" | "cacheKey";

const allExtras: readonly Extra[] = ["tools", "thoughts", "cacheKey"];

const namedBy: readonly (readonly [Extra, RegExp])[] = [
  ["tools", /\btools?\b|\btool_|\bfunctions?\b/iu],
  ["thoughts", /encrypted[ _]content/iu],
  ["cacheKey", /\bprompt_cache_key\b/iu],
];

/** Which extras a refusal may be about. Empty when it is about none of them. */
export function suspectsIn(status: number, error: APIError): readonly Extra[] {
  // Some servers call it a fault of their own: llama.cpp answers 500 to tools that its template doesn't know.
  const isRefusal = [400, 404, 405, 415, 422, 500, 501].includes(status);
  if (!isRefusal) return [];
  if (error.error === undefined && error.message.endsWith("(no body)"))
    return status < 500 && status !== 404 ? allExtras : [];
  const words = `${error.message} ${error.param ?? ""}`;
  return namedBy.flatMap(([extra, name]) => (name.test(words) ? [extra] : []));
}
