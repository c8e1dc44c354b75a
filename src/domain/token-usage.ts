/** The token usage of model calls, as the provider reports it. */
export interface Usage {
  readonly promptTokens: number;
  /** The part of `promptTokens` that was read from the provider's cache. Missing: the provider does not tell. */
  readonly cachedTokens?: number;
  /** The part of `promptTokens` that was written to that cache. Missing: the provider does not tell. */
  readonly cacheWriteTokens?: number;
  readonly replyTokens: number;
  /** The part of `replyTokens` that was reasoning. Missing: the provider does not tell. */
  readonly reasoningTokens?: number;
}

const parts = ["cachedTokens", "cacheWriteTokens", "reasoningTokens"] as const;

/** The sum of both. What is known of one alone counts as the whole. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const known = parts.filter((part) => one[part] !== undefined || other[part] !== undefined);
  return {
    promptTokens: one.promptTokens + other.promptTokens,
    replyTokens: one.replyTokens + other.replyTokens,
    ...Object.fromEntries(known.map((part) => [part, (one[part] ?? 0) + (other[part] ?? 0)])),
  };
}
