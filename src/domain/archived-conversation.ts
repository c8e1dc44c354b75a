import type { MessageId } from "./message.ts";
import type { ConversationMemory } from "./conversation-memory.ts";

/** How a conversation appears in a list for people. */
export interface Listing {
  /** See DirectoryEntry. */
  readonly title: string;
  /** A person chose the title, so new messages never change it. */
  readonly isNamed?: true;
  /** When the conversation last accepted an inbound. */
  readonly lastAtMs: number;
}

/** A conversation's memory without its messages. Together with the archived messages it restores a lost memory. */
export interface ConversationHead {
  /** Its messages, erasures and edits are empty: the archive has them as rows. */
  readonly memory: ConversationMemory;
  /** Missing: the conversation was erased and is not listed. */
  readonly listing?: Listing;
}

/** What the archive knows about a conversation besides its messages. */
export interface ArchivedConversation {
  /** Higher than the ordinal of every message that is, or before an erasure was, in the archive. */
  readonly nextOrdinal: number;
  /** The newest archived message. Missing: the archive has no message. */
  readonly last?: { readonly id: MessageId; readonly ordinal: number };
  /** As of the last sync. Missing: an older version synced the conversation without a head. */
  readonly head?: ConversationHead;
}
