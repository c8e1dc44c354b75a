import type { ModelRequest } from "./model-request.ts";
import type { StreamScript } from "./script.ts";

type Usage = NonNullable<StreamScript["usage"]>;

/**
 * Reports tokens as the provider does, with four characters for a token. What a prompt shares with the one before
 * under the same key is cached, from 1,024 tokens on, in steps of 128: so a prompt whose beginning changes shows.
 */
export class UsageMeter {
  readonly #lastPrompts = new Map<string, string>();

  measure(request: ModelRequest, replyChars: number): Usage {
    const prompt = [request.instructions, ...request.messages.map(({ text }) => text)].join("\n");
    return {
      promptTokens: tokens(prompt.length),
      cachedTokens: this.#cachedTokens(request.cacheKey, prompt),
      replyTokens: tokens(replyChars),
    };
  }

  #cachedTokens(key: string | undefined, prompt: string): number {
    if (key === undefined) return 0;
    const shared = commonPrefixChars(this.#lastPrompts.get(key) ?? "", prompt);
    this.#lastPrompts.set(key, prompt);
    const cached = Math.floor(shared / 4 / 128) * 128;
    return cached >= 1_024 ? cached : 0;
  }
}

function tokens(chars: number): number {
  return Math.ceil(chars / 4);
}

function commonPrefixChars(one: string, other: string): number {
  let count = 0;
  while (count < one.length && one.codePointAt(count) === other.codePointAt(count)) count += 1;
  return count;
}
