import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationLocation } from "../domain/archive.ts";
import type { MessageId } from "../domain/message.ts";

/** A conversation as the archive has it. */
export interface SyncedConversation {
  readonly conversation: ConversationKey;
  readonly revision: number;
  /** Missing: it is not listed. */
  readonly listing?: Listing;
}

/** How the hot store lets go of what the archive has, and of what is too old. */
export interface Eviction {
  /** The conversations of a platform in which nothing was accepted since then, the longest silent first. @throws {StoreError} */
  readonly inactive: (
    platform: string,
    beforeMs: number,
    part: { readonly skip: number; readonly limit: number },
    signal: AbortSignal,
  ) => Promise<readonly ConversationLocation[]>;
  /**
   * In one step: removes all that it holds of a conversation, and marks that it rests. False, and nothing is removed, where
   * something waits or runs in it, something was accepted since then, or the archive does not have it as it is; what the
   * archive lacks is synced then. @throws {StoreError}
   */
  readonly evict: (synced: SyncedConversation, beforeMs: number, signal: AbortSignal) => Promise<boolean>;
  /**
   * Forgets where messages of a conversation are, but for these and what waits: the archive knows. Nothing where its
   * memory has another revision by now. @throws {StoreError}
   */
  readonly dropLocations: (
    memory: Pick<SyncedConversation, "conversation" | "revision">,
    keep: readonly MessageId[],
    signal: AbortSignal,
  ) => Promise<void>;
  /** No conversation of the archive any more. @throws {StoreError} */
  readonly unmark: (conversations: readonly ConversationKey[], signal: AbortSignal) => Promise<void>;
  /**
   * Removes what is of no memory and from before then: what was given up or set aside, who wrote where, and the marks of
   * people who were forgotten. @throws {StoreError}
   */
  readonly expire: (beforeMs: number, signal: AbortSignal) => Promise<void>;
}
