import type { ConversationKey } from "../domain/conversation.ts";
import type { Interruption } from "../domain/turn.ts";

/**
 * Takes the next turn of a conversation. `more`: something may still wait. `rest`: nothing does, or it is postponed.
 * The signal means: hand back what is unfinished. The waker never runs two of one conversation at once.
 */
export type RunNextTurn = (conversation: ConversationKey, signal: AbortSignal) => Promise<"more" | "rest">;

/** Gets conversations drained. */
export interface TurnScheduler {
  /** After it resolves, the conversation will be drained at least once more. */
  readonly schedule: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
}

/** One running turn's ear for interruptions; dispose it when the turn is over. */
export interface Watch extends Disposable {
  /** Fires with an InterruptedError. */
  readonly signal: AbortSignal;
  /** From now on only these interruptions fire; those that came before are judged by it now. Until then none fires. */
  readonly limitTo: (concerns: (interruption: Interruption) => boolean) => void;
}

/** Carries interruptions to running turns. */
export interface Interruptions {
  readonly interrupt: (
    conversation: ConversationKey,
    interruption: Interruption,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Hears what comes from this moment on: watch first, then read the inbox, and nothing falls between. */
  readonly watch: (conversation: ConversationKey) => Watch;
}

/** The running turn is to be planned anew. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly interruption: Interruption;

  constructor(interruption: Interruption) {
    super(`Interrupted: ${interruption.kind}`);
    this.interruption = interruption;
  }
}
