import type { MessageId, TurnId } from "../domain/message.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { PostId } from "../domain/turn.ts";

/** One post of a reply, as it should look now. */
export interface Post {
  readonly turn: TurnId;
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** The messages that the reply answers, oldest first. */
  readonly covers: readonly MessageId[];
  /** Markdown, as a model writes it; at most `limits.postChars`, never empty. */
  readonly text: string;
  /** `writing`: more will come. `part`: whole, and another post follows. `done`: the last post of a whole reply. */
  readonly state: "writing" | "part" | "done";
}

/** How a platform wants to be written to. */
export interface PostLimits {
  /** UTF-16 code units in one post's text. */
  readonly postChars: number;
  /** Between two writes to one growing post. */
  readonly writeIntervalMs: number;
  /**
   * Set where a create can't be repeated safely: a first post with this text is made at once, journalled, and edited
   * from then on, so that a restart at worst doubles a placeholder, never an answer.
   */
  readonly placeholder?: string;
}

/** How the core writes to a chat service. No method retries a create by itself; each has a deadline. */
export interface Platform {
  readonly name: string;
  readonly limits: PostLimits;
  /** @throws {PlatformError} */
  readonly createPost: (to: ReplyAddress, post: Post, signal: AbortSignal) => Promise<PostId>;
  /** @throws {PlatformError} */
  readonly editPost: (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal) => Promise<void>;
  /** Already gone counts as deleted. @throws {PlatformError} */
  readonly deletePost: (to: ReplyAddress, id: PostId, signal: AbortSignal) => Promise<void>;
  /**
   * Looks for a post that may have been created before the process died: the same turn and part, not older than `sinceMs`.
   * Undefined where it doesn't exist, or where creating it again is harmless. @throws {PlatformError}
   */
  readonly findPost: (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ) => Promise<PostId | undefined>;
  /** Tells the asker alone, in order. @throws {PlatformError} */
  readonly tell: (to: ReplyAddress, texts: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Typing, a status line. Optional, and its failure costs nothing. */
  readonly showWorking?: (to: ReplyAddress, signal: AbortSignal) => Promise<void>;
  /** The turn is remembered and closed; `text` is the whole reply, empty where none was shown to all. For platforms whose clients wait for that moment. */
  readonly turnFinished?: (
    to: ReplyAddress,
    reply: { readonly turn: TurnId; readonly text: string; readonly covers: readonly MessageId[] },
  ) => void;
}

/**
 * `unreachable`: no answer, or a 5xx; it may or may not have happened. `rate-limited`: see `retryAfterMs`; it has not happened.
 * `gone`: the place or post is no more. `forbidden`: we may not write there. `expired`: the private way back is dead.
 * `rejected`: the platform won't take this content.
 */
export type PlatformErrorKind =
  | "unreachable"
  | "rate-limited"
  | "gone"
  | "forbidden"
  | "expired"
  | "rejected";

/** The platform did not do it. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
  readonly kind: PlatformErrorKind;
  readonly retryAfterMs: number;

  constructor(
    kind: PlatformErrorKind,
    message: string,
    options?: ErrorOptions & { readonly retryAfterMs?: number },
  ) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = options?.retryAfterMs ?? 0;
  }
}
