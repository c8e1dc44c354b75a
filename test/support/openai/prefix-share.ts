import { encode } from "gpt-tokenizer/encoding/o200k_base";

import type { ModelRequest } from "./model-request.ts";

/** Below this nothing is cached; so a prompt's first tokens are not counted either way. */
export const leastCachedTokens = 1_024;

const asPlainText = { disallowedSpecial: new Set<string>() };

/** How much of consecutive prompts repeats the one before. Empty lists give 0. */
export interface PrefixShare {
  /** Of the tokens beyond the first 1,024: the share that repeats, as the mean over prompts. */
  readonly mean: number;
  /** The same over all tokens together: long prompts weigh more. */
  readonly overall: number;
  /** Prompts that have one before them and more than 1,024 tokens. */
  readonly prompts: number;
  /** Those of them that repeat less than half of the one before: at a prompt's end stands what changes each time. */
  readonly cuts: number;
}

/** @param prompts consecutive prompts of one conversation, as tokens. */
export function sharedPrefixShare(prompts: readonly (readonly unknown[])[]): PrefixShare {
  let [shares, shared, counted, measured, cuts] = [0, 0, 0, 0, 0];
  for (const [index, prompt] of prompts.entries()) {
    const before = prompts[index - 1];
    const beyond = prompt.length - leastCachedTokens;
    if (before === undefined || beyond <= 0) continue;
    const common = commonPrefix(before, prompt);
    const repeated = Math.max(0, common - leastCachedTokens);
    measured += 1;
    shares += repeated / beyond;
    shared += repeated;
    counted += beyond;
    if (repeated < (before.length - leastCachedTokens) / 2) cuts += 1;
  }
  return {
    mean: measured === 0 ? 0 : shares / measured,
    overall: counted === 0 ? 0 : shared / counted,
    prompts: measured,
    cuts,
  };
}

/** How many tokens both begin with. */
export function commonPrefix(one: readonly unknown[], other: readonly unknown[]): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) if (one[index] !== other[index]) return index;
  return length;
}

type Segmented = Pick<ModelRequest, "instructions" | "body">;

/**
 * What a provider's cache compares, in its order: instructions, tools, then message by message. No token reaches over the
 * end of a segment.
 */
export function segmentsOf({ instructions, body }: Segmented): readonly string[] {
  const items: readonly object[] = "messages" in body ? body.messages.slice(1) : body.input;
  const tools = (body.tools ?? []).map((tool) => JSON.stringify(tool));
  return [instructions, ...tools, ...items.map((item) => JSON.stringify(item, withoutBytes))];
}

/** An image is as many tokens as its size needs; its bytes would be millions. */
function withoutBytes(_: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith("data:image/") ? value.slice(0, 400) : value;
}

/** The tokens of a segment. Any text whatever: long ones are encoded slice by slice, as the encoder's time grows with the square. */
export function encodeSegment(segment: string): readonly number[] {
  const tokens: number[] = [];
  for (let start = 0; start < segment.length; start += 500) {
    tokens.push(...encode(segment.slice(start, start + 500), asPlainText));
  }
  return tokens;
}

/** A whole prompt, as tokens. */
export function promptTokensOf(request: Segmented): readonly number[] {
  return segmentsOf(request).flatMap(encodeSegment);
}
