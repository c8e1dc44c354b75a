import type { Prompt, ToolCall } from "../../../domain/prompt.ts";
import type { ModelOutput, Usage } from "../../../ports/model.ts";
import type { Effort, RequestFeature } from "./request-feature.ts";

/** One request to a model. */
export interface ModelCall {
  readonly model: string;
  readonly prompt: Prompt;
  /** The most tokens of the answer, the thoughts before it among them. */
  readonly maxTokens: number;
  /** Says which prompts begin alike, so that they meet the same cache. Missing: it is not sent. */
  readonly cacheKey?: string;
  /** Missing: the model thinks as much as it does by itself. */
  readonly effort?: Effort;
  /** What this request does without. */
  readonly omitted: ReadonlySet<RequestFeature>;
}

/** What the model wants called, as an answer's end. */
export type Called = Pick<Extract<ModelOutput, { kind: "called" }>, "calls" | "provider">;

/** What one event of a stream means. Most events mean nothing to us. */
export interface StreamStep {
  readonly text?: string;
  /** The model is at work on what people don't read: it thinks, or writes a call. */
  readonly isBusy?: boolean;
  /** The provider says that the answer is over; `cut`: by its length limit. */
  readonly end?: "whole" | "cut";
  /** Comes with `end` when it is whole. Takes the text that people read before it. */
  readonly called?: (said: string) => Called;
  readonly usage?: Usage;
}

/** Reads the events of one stream. */
export interface Interpreter {
  /** In order. @throws {ModelError} for an event that says that there will be no answer. */
  readonly read: (event: unknown) => StreamStep;
  /** The stream is over, and no event has said so. */
  readonly close: () => StreamStep;
}

/** One of the provider's APIs, as the reader of streams needs it. */
export interface StreamingApi {
  readonly open: (call: ModelCall, signal: AbortSignal) => PromiseLike<Response>;
  readonly interpreter: () => Interpreter;
  /** Some servers of it close a stream without saying that it is over. */
  readonly mayOnlyClose?: true;
  /** Calls that the model wrote as text, as if it had made them. */
  readonly asCalled: (said: string, calls: readonly ToolCall[]) => Called;
}
