import type { Prompt, ToolCall } from "../../../domain/prompt.ts";
import type { Usage } from "../../../domain/token-usage.ts";
import type { ModelOutput } from "../../../ports/model.ts";
import type { Effort, RequestFeature } from "./request-feature.ts";

/** One request to a model. */
export interface ModelCall {
  readonly model: string;
  readonly prompt: Prompt;
  /** Maximum tokens of the answer, including the reasoning before it. */
  readonly maxTokens: number;
  /** Routes prompts with the same beginning to the same cache. Missing: not sent. */
  readonly cacheKey?: string;
  /** Missing: the model's default. */
  readonly effort?: Effort;
  /** The features that this request leaves out. */
  readonly omitted: ReadonlySet<RequestFeature>;
}

/** The calls that end an answer. */
export type Called = Pick<Extract<ModelOutput, { kind: "called" }>, "calls" | "provider">;

/** The meaning of one stream event. Empty for most events. */
export interface StreamStep {
  readonly text?: string;
  /** The model is reasoning or writing a call: it works, but people see nothing. */
  readonly isBusy?: boolean;
  /** The provider ended the answer. `cut`: at its length limit. */
  readonly end?: "whole" | "cut";
  /** Comes with `end: "whole"`. `said` is the visible text before the calls. */
  readonly called?: (said: string) => Called;
  readonly usage?: Usage;
}

/** Reads the events of one stream. */
export interface Interpreter {
  /** Call it with the events in order. @throws {ModelError} for an event that reports a failure. */
  readonly read: (event: unknown) => StreamStep;
  /** Call it when the stream closed without an end event. */
  readonly close: () => StreamStep;
}

/** One of the provider's APIs. */
export interface StreamingApi {
  /** Sends the request. */
  readonly open: (call: ModelCall, signal: AbortSignal) => PromiseLike<Response>;
  readonly interpreter: () => Interpreter;
  /** Some servers close the stream of this API without an end event. */
  readonly mayOnlyClose?: true;
  /** Turns calls that the model wrote as text into real ones. */
  readonly asCalled: (said: string, calls: readonly ToolCall[]) => Called;
}
