import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationLocation } from "../domain/archive.ts";
import type { MessageId } from "../domain/message.ts";

/** A conversation in the state that the archive has. */
export interface SyncedConversation {
  readonly conversation: ConversationKey;
  readonly revision: number;
  /** Missing: the conversation is not listed. */
  readonly listing?: Listing;
}

/** Removes archived or expired data from the hot store. */
export interface Eviction {
  /** The conversations of a platform without activity since `beforeMs`, longest inactive first. @throws {StoreError} */
  readonly inactive: (
    platform: string,
    beforeMs: number,
    page: { readonly skip: number; readonly limit: number },
    signal: AbortSignal,
  ) => Promise<readonly ConversationLocation[]>;
  /**
   * Removes a conversation from the hot store and marks it as archived, in one atomic step. Returns false and changes
   * nothing if an inbound waits, a turn runs, there was activity since `beforeMs`, or the archive has another revision; in
   * the last case the conversation is queued for a sync. @throws {StoreError}
   */
  readonly evict: (synced: SyncedConversation, beforeMs: number, signal: AbortSignal) => Promise<boolean>;
  /**
   * Drops the locations of a conversation's messages, except `keep` and waiting ones; the archive has them. Does nothing if
   * memory has another revision by now. @throws {StoreError}
   */
  readonly dropLocations: (
    memory: Pick<SyncedConversation, "conversation" | "revision">,
    keep: readonly MessageId[],
    signal: AbortSignal,
  ) => Promise<void>;
  /** Removes the archived marks of conversations that the archive no longer has. @throws {StoreError} */
  readonly unmark: (conversations: readonly ConversationKey[], signal: AbortSignal) => Promise<void>;
  /**
   * Removes data from before `beforeMs` that belongs to no memory: dead letters, quarantined records, the author index, and
   * erasure cutoffs. @throws {StoreError}
   */
  readonly expire: (beforeMs: number, signal: AbortSignal) => Promise<void>;
}
