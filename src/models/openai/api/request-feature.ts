/** An optional part of a request. OpenAI supports all of them; for other servers each can be simplified or left out. */
export type RequestFeature =
  | "tools"
  /** Tools whose arguments must match their schema. */
  | "strictTools"
  /** Calls and their results as separate messages; otherwise as text. */
  | "toolMessages"
  /** Encrypted reasoning, which is sent back with the next call. */
  | "thoughts"
  | "cacheKey"
  | "effort"
  /** Tells the server to store nothing. */
  | "store"
  /** Asks for the token usage of a Chat Completions stream. */
  | "usage"
  /** `max_completion_tokens`, the newer name of the answer limit in Chat Completions. */
  | "maxCompletionTokens"
  | "maxTokens"
  /** Several messages of one role in a row, and the bot's message first; otherwise they are joined. */
  | "neighbours"
  /** Images as such; otherwise their names. */
  | "images"
  /** Instructions as a separate system message; otherwise at the start of the first user message. */
  | "systemRole";

/** From least to most effort. */
export const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

export type Effort = (typeof efforts)[number];
