import type { ConversationKey } from "../domain/conversation.ts";
import type { Interruption } from "../domain/turn.ts";

/** Works through a conversation's inbox until it is empty. Never two at once for one conversation. */
export type Drain = (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;

/** Gets conversations drained. */
export interface Waker {
  /** After it resolves, the conversation will be drained at least once more. */
  readonly wake: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  /** Reaches the running turn of the conversation, if there is one. */
  readonly interrupt: (
    conversation: ConversationKey,
    interruption: Interruption,
    signal: AbortSignal,
  ) => Promise<void>;
}
