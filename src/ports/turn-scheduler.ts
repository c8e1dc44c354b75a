import type { ConversationKey } from "../domain/conversation.ts";
import type { Interruption } from "../domain/turn.ts";

/**
 * Runs the next turn of a conversation. `more`: entries may still wait; run again. `rest`: none wait, or they are postponed.
 * The signal asks to hand back an unfinished turn. Schedulers never run two turns of one conversation at once.
 */
export type RunNextTurn = (conversation: ConversationKey, signal: AbortSignal) => Promise<"more" | "rest">;

/** Gets the turns of conversations run. */
export interface TurnScheduler {
  /** After it resolves, at least one more turn of the conversation will run. */
  readonly schedule: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
}

/** A subscription to the interruptions of one conversation. Dispose it when the turn is over. */
export interface Watch extends Disposable {
  /** Aborts with an InterruptedError. */
  readonly signal: AbortSignal;
  /** Sets which interruptions abort the signal. Those received earlier are checked now; before this call none aborts it. */
  readonly limitTo: (concerns: (interruption: Interruption) => boolean) => void;
}

/** Sends interruptions to running turns, on any replica. */
export interface Interruptions {
  /** At most once: only turns that run now receive it. */
  readonly interrupt: (
    conversation: ConversationKey,
    interruption: Interruption,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Subscribes from now on. Subscribe before reading the inbox, so that no interruption is missed. */
  readonly watch: (conversation: ConversationKey) => Watch;
}

/** The running turn was interrupted and must be planned again. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly interruption: Interruption;

  constructor(interruption: Interruption) {
    super(`Interrupted: ${interruption.kind}`);
    this.interruption = interruption;
  }
}
