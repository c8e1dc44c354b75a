import type { Prompt } from "../../domain/prompt.ts";
import type { Usage } from "../../ports/model.ts";

/** One request to a model. */
export interface ModelCall {
  readonly model: string;
  readonly prompt: Prompt;
  /** Tokens of the visible answer; what an API counts besides is added by its file. */
  readonly replyTokens: number;
}

/** What one event of a stream means. Most events mean nothing to us. */
export interface StreamStep {
  readonly text?: string;
  /** The provider says that the answer is over; `cut`: by its length limit. */
  readonly end?: "whole" | "cut";
  readonly usage?: Usage;
}

/** One of the provider's APIs, as the reader of streams needs it. */
export interface StreamingApi<Event> {
  readonly open: (call: ModelCall, signal: AbortSignal) => PromiseLike<AsyncIterable<Event>>;
  /** @throws {ModelError} for an event that says that there will be no answer. */
  readonly interpret: (event: Event) => StreamStep;
}

/** Reasoning counts against the same limit as the answer; without this room a low limit gives an empty answer. */
export const reasoningTokens = 4_000;
