/**
 * What we send beside the plainest request. OpenAI knows all of it; other servers may refuse each, and get it in a plainer
 * form or not at all.
 */
export type RequestFeature =
  | "tools"
  /** Tools of which the arguments keep to their schema. */
  | "strictTools"
  /** What was called and what came of it, as messages of their own; else in words. */
  | "toolMessages"
  /** Encrypted thoughts, to be given back. */
  | "thoughts"
  | "cacheKey"
  | "effort"
  /** Says that nothing is to be kept there. */
  | "store"
  /** Asks a stream of chunks for its usage. */
  | "usage"
  /** The newer name of the limit of an answer over Chat Completions. */
  | "maxCompletionTokens"
  | "maxTokens"
  /** Messages of one role next to each other, and the bot's before any person's; else they are joined. */
  | "neighbours"
  /** Instructions in a message of their own; else in the first person's. */
  | "systemRole";

/** From the least to the most. */
export const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

export type Effort = (typeof efforts)[number];
