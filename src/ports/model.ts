import type { Prompt, ToolCall } from "../domain/prompt.ts";

/** What a call cost, in tokens, as the provider reports it. */
export interface Usage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly replyTokens: number;
}

/** Of both together; what is not known of one is that of the other. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    promptTokens: one.promptTokens + other.promptTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    replyTokens: one.replyTokens + other.replyTokens,
  };
}

/** A stream of pieces, closed by exactly one `finished` or `called`. */
export type ModelOutput =
  | { readonly kind: "piece"; readonly text: string }
  /** The pieces so far were the model's thoughts: they are no part of the answer, which begins anew. */
  | { readonly kind: "withdrawn" }
  /** Nothing came for some seconds, before everything else: the model may be loading. At most once for each asking. */
  | { readonly kind: "loading" }
  /** In place of `finished` and of a text: the answer goes on when these are answered. Never empty. */
  | {
      readonly kind: "called";
      readonly calls: readonly ToolCall[];
      /** To be given back with them; see AnsweredCall. */
      readonly provider: readonly unknown[];
      readonly usage?: Usage;
    }
  /** `isCut`: the model ran into its own length limit; the pieces are all there is. `usage` is missing when the provider gave none. */
  | { readonly kind: "finished"; readonly isCut: boolean; readonly usage?: Usage };

/** A language model. */
export interface Model {
  readonly name: string;
  /** True for the built-in stand-in that needs no account; people are told. */
  readonly isDemo: boolean;
  /** An estimate from above, in linear time, for any text whatever. */
  readonly countTokens: (text: string) => number;
  /** The most tokens of instructions and messages that its server takes, as far as it has said so. Missing, Infinity: it has not. */
  readonly promptTokens?: () => number;
  /**
   * Contract: the iteration ends normally only after `finished` or `called`. Whatever else ends it — a cut, stalled or
   * aborted stream, a stream without its closing event, an answer without text — throws.
   * Retries are its own, few, and only before the first piece.
   * @throws {ModelError}, or the signal's reason.
   */
  readonly answer: (prompt: Prompt, signal: AbortSignal) => AsyncIterable<ModelOutput>;
}

/** What a person is to be told, one kind an apology. */
export type ModelErrorKind =
  | "unreachable"
  | "loading"
  | "rate-limited"
  | "out-of-quota"
  | "bad-key"
  | "unknown-model"
  /** Its server has it not, or has not loaded it. */
  | "not-installed"
  /** The key is right, and may not use it. */
  | "not-allowed"
  | "unverified"
  | "region"
  /** The credit is not enough for an answer of this size. */
  | "credit-too-small"
  | "daily-quota"
  | "not-a-model"
  | "refused"
  | "context-too-long"
  | "rejected"
  | "stalled"
  | "cut-off"
  | "empty"
  /** It goes on calling functions when there is nothing more to call. */
  | "only-calls";

/** The model gave no whole answer. Carries no prompt text. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly kind: ModelErrorKind;
  /** How long the provider wants us to wait; 0 when it does not say. */
  readonly retryAfterMs: number;
  /** What it took all the same. Missing where the provider gave none. */
  readonly usage?: Usage;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options?: ErrorOptions & { readonly retryAfterMs?: number; readonly usage?: Usage | undefined },
  ) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = options?.retryAfterMs ?? 0;
    if (options?.usage !== undefined) this.usage = options.usage;
  }
}
