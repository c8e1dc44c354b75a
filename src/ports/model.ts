import type { Content, ImagePart } from "../domain/content.ts";
import type { Prompt, ToolCall } from "../domain/prompt.ts";
import type { Usage } from "../domain/token-usage.ts";
import type { WhyUnread } from "../domain/unread-file.ts";

/** One event of an answer. The stream ends with exactly one `finished` or `called`. */
export type ModelOutput =
  | { readonly kind: "piece"; readonly text: string }
  /** The pieces so far were the model's thoughts. Drop them; the answer starts after this event. */
  | { readonly kind: "withdrawn" }
  /** No output for some seconds: the model may be loading. At most once per call, before all other events. */
  | { readonly kind: "loading" }
  /** Images of the prompt that the model is not shown, because its server rejected them. Before the pieces. */
  | { readonly kind: "unseen"; readonly images: readonly ImagePart[]; readonly why: WhyUnread }
  /** The model calls tools instead of finishing. Ask again with their results. `calls` is never empty. */
  | {
      readonly kind: "called";
      readonly calls: readonly ToolCall[];
      /** Goes back to the provider with the results: see AnsweredCall. */
      readonly provider: readonly unknown[];
      readonly usage?: Usage;
    }
  /** The answer is complete. `isCut`: the model reached its length limit. `usage` is missing if the provider gave none. */
  | { readonly kind: "finished"; readonly isCut: boolean; readonly usage?: Usage };

/** A language model. */
export interface Model {
  readonly name: string;
  /** True for the built-in demo model, which needs no account. People are told. */
  readonly isDemo: boolean;
  /** An upper estimate, in linear time, for any text. A file counts as its stored `tokens`, else as the model is given it. */
  readonly countTokens: (content: Content) => number;
  /** The server's limit for instructions and messages, if it has told one. Missing or Infinity: unknown. */
  readonly promptTokens?: () => number;
  /** False: its server was found to take no images; it is told their names. Missing: it never takes any. */
  readonly seesImages?: () => boolean;
  /**
   * Streams an answer. The iteration ends normally only after `finished` or `called`; every other end throws: a cut, stalled
   * or aborted stream, a missing closing event, an answer without text. The model retries a few times by itself, but only
   * before the first piece. @throws {ModelError}, or the signal's reason.
   */
  readonly answer: (prompt: Prompt, signal: AbortSignal) => AsyncIterable<ModelOutput>;
}

/** The models that settings can name. */
export interface Models {
  /**
   * The same model for the same name. Answers at once and never throws: whether the server has the model shows when it is
   * asked. Without a server, every name stands for the built-in demo model.
   */
  readonly named: (name: string) => Model;
}

/** Why the model gave no answer. Each kind has its own message for people. */
export type ModelErrorKind =
  | "unreachable"
  | "loading"
  | "rate-limited"
  | "out-of-quota"
  | "bad-key"
  | "unknown-model"
  /** The local server does not have the model, or has not loaded it. */
  | "not-installed"
  /** The key is valid, but may not use the model. */
  | "not-allowed"
  | "unverified"
  | "region"
  /** The credit does not suffice for an answer of this size. */
  | "credit-too-small"
  | "daily-quota"
  | "not-a-model"
  | "refused"
  | "context-too-long"
  | "rejected"
  | "stalled"
  | "cut-off"
  | "empty"
  /** The model still calls tools after the last allowed round. */
  | "only-calls"
  /** The time for the answer was over before there was any text. */
  | "out-of-time";

/** The model gave no complete answer. Holds no prompt text. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly kind: ModelErrorKind;
  /** How long the provider asks to wait. 0: it does not say. */
  readonly retryAfterMs: number;
  /** What the failed call used. Missing if the provider gave none. */
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
