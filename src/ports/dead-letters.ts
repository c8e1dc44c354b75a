import type { ConversationKey } from "../domain/conversation.ts";
import type { Inbound } from "../domain/inbound.ts";

/** A turn that was given up. */
export interface DeadLetter {
  /** The reference that the person was shown and that the log names. */
  readonly reference: string;
  readonly conversation: ConversationKey;
  /** For the operator: "failed 5 times". */
  readonly why: string;
  readonly atMs: number;
  /** The inbounds of the turn, oldest first, without unreadable ones. */
  readonly inbounds: readonly Inbound[];
}

/** The turns that were given up, for the operator to retry or drop. */
export interface DeadLetters {
  /** Oldest first. @throws {StoreError} */
  readonly list: (signal: AbortSignal) => Promise<readonly DeadLetter[]>;
  /** Moves the inbounds to the end of their conversation's inbox. False if there is no such dead letter. @throws {StoreError} */
  readonly retry: (reference: string, nowMs: number, signal: AbortSignal) => Promise<boolean>;
  /** Deletes a dead letter. False if there is none. @throws {StoreError} */
  readonly drop: (reference: string, signal: AbortSignal) => Promise<boolean>;
  /** Deletes the dead letters of a conversation and its background inbox up to `untilMs`. @throws {StoreError} */
  readonly dropConversation: (
    conversation: ConversationKey,
    untilMs: number,
    signal: AbortSignal,
  ) => Promise<void>;
}
