import type { MessageId } from "./message.ts";
import type { ConversationMemory } from "./conversation-memory.ts";

/** How a conversation is listed for people. */
export interface Listing {
  /** See DirectoryEntry. */
  readonly title: string;
  /** A person gave the title: nothing that is said changes it. */
  readonly isNamed?: true;
  readonly lastAtMs: number;
}

/** What is remembered of a conversation besides its messages: with both, a lost working memory is made again. */
export interface ConversationHead {
  /** Without messages, erasures and edits: the archive has these. */
  readonly memory: ConversationMemory;
  /** Missing: it is not listed, because it was forgotten. */
  readonly listing?: Listing;
}

/** What the archive knows of a conversation besides its messages. */
export interface ArchivedConversation {
  /** No message that it has, or had before an erasure, has this ordinal or a higher one. */
  readonly nextOrdinal: number;
  /** The newest message that it has. Missing: none. */
  readonly last?: { readonly id: MessageId; readonly ordinal: number };
  /** As it was synced last. Missing: it was synced by a version that kept none. */
  readonly head?: ConversationHead;
}
