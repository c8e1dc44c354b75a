import type { ConversationKey } from "../domain/conversation.ts";
import type { Inbound } from "../domain/inbound.ts";

/** A turn that was given up. */
export interface DeadLetter {
  /** The same that the person was told, and that the log names. */
  readonly reference: string;
  readonly conversation: ConversationKey;
  readonly why: string;
  readonly atMs: number;
  /** What the turn was to take, oldest first; without what can't be read. */
  readonly inbounds: readonly Inbound[];
}

/** What was given up, for the operator to decide about. */
export interface DeadLetters {
  /** Oldest first. @throws {StoreError} */
  readonly list: (signal: AbortSignal) => Promise<readonly DeadLetter[]>;
  /** Puts it back into the inbox of its conversation, at the end. False when there is none. @throws {StoreError} */
  readonly retry: (reference: string, nowMs: number, signal: AbortSignal) => Promise<boolean>;
  /** False when there is none. @throws {StoreError} */
  readonly drop: (reference: string, signal: AbortSignal) => Promise<boolean>;
  /** Those of a conversation and of the lane beside it that were given up by then. @throws {StoreError} */
  readonly dropConversation: (
    conversation: ConversationKey,
    untilMs: number,
    signal: AbortSignal,
  ) => Promise<void>;
}
