import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { MessageId } from "../domain/message.ts";

/** Which conversations there are, and which one a message belongs to. Written by accept and finish. */
export interface Directory {
  /** `message` is a message of a person or a post of ours, by the platform's id; ids may be unique within a place only. */
  readonly locate: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ConversationKey | undefined>;
  /** Newest first. */
  readonly recent: (
    platform: string,
    place: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  readonly rename: (conversation: ConversationKey, title: string, signal: AbortSignal) => Promise<void>;
}
