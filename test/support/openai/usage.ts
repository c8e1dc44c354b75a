import type { ModelRequest } from "./model-request.ts";
import { commonPrefix, encodeSegment, leastCachedTokens, segmentsOf } from "./prefix-share.ts";
import type { StreamScript } from "./script.ts";

type Usage = NonNullable<StreamScript["usage"]>;

/** A prompt, segment by segment: what is equal to an earlier one is encoded no second time. */
interface Metered {
  readonly segments: readonly string[];
  readonly counts: readonly number[];
}

const longestExactChars = 20_000;
const mostKeys = 2_000;
const mostPrompts = 4;

/**
 * Reports tokens as the provider does. What a prompt shares with an earlier one under the same key is cached, from 1,024
 * tokens on, in steps of 128: so a prompt whose beginning changes shows. The oldest prompts and keys are forgotten.
 */
export class UsageMeter {
  readonly #prompts = new Map<string, readonly Metered[]>();

  measure(request: ModelRequest, reply: string): Usage {
    const earlier = this.#prompts.get(request.cacheKey ?? "") ?? [];
    const segments = segmentsOf(request);
    const counts = countsOf(segments, earlier.at(-1));
    const prompt = { segments, counts };
    if (request.cacheKey !== undefined) this.#keep(request.cacheKey, [...earlier, prompt]);
    return {
      promptTokens: sum(counts),
      cachedTokens: cachedTokens(Math.max(0, ...earlier.map((each) => sharedTokens(each, prompt)))),
      replyTokens: encodeSegment(reply).length,
    };
  }

  #keep(key: string, prompts: readonly Metered[]): void {
    this.#prompts.delete(key);
    this.#prompts.set(key, prompts.slice(-mostPrompts));
    const [oldest] = this.#prompts.keys();
    if (oldest !== undefined && this.#prompts.size > mostKeys) this.#prompts.delete(oldest);
  }
}

function countsOf(segments: readonly string[], before: Metered | undefined): readonly number[] {
  return segments.map((segment, index) => {
    const known = before?.segments[index] === segment ? before.counts[index] : undefined;
    return known ?? tokensOf(segment).length;
  });
}

function sharedTokens(one: Metered, other: Metered): number {
  const equal = commonPrefix(one.segments, other.segments);
  const [a, b] = [one.segments[equal], other.segments[equal]];
  const rest = a === undefined || b === undefined ? 0 : commonPrefix(tokensOf(a), tokensOf(b));
  return sum(other.counts.slice(0, equal)) + rest;
}

/** Books that people paste are not worth the time: four characters are a token. */
function tokensOf(segment: string): readonly unknown[] {
  return segment.length > longestExactChars ? (segment.match(/.{1,4}/gsu) ?? []) : encodeSegment(segment);
}

function cachedTokens(shared: number): number {
  const cached = Math.floor(shared / 128) * 128;
  return cached >= leastCachedTokens ? cached : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
