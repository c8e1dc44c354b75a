import type { ConversationKey } from "./conversation.ts";
import type { EntryId, InboxEntry } from "./inbound.ts";
import type { Source } from "./conversation-memory.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { PostId, TurnId } from "./message.ts";

/** One post of a reply, as far as the journal knows. */
export interface JournalledPost {
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** When we were about to create it. */
  readonly intendedAtMs: number;
  /** Missing: the process may have died between the create and this line. */
  readonly id?: PostId;
  /** So often a person has deleted it while it was being written. Missing: never. */
  readonly again?: number;
  /** It shows its part of the whole answer. Missing: perhaps. */
  readonly isWhole?: boolean;
}

/** What a turn can't go on without, and what the line about it names for people and operators. */
export interface Wait {
  readonly what: "memory" | "model" | "loading";
  readonly reference: string;
}

/** The running turn of a conversation, as the journal keeps it: enough to finish it elsewhere. */
export interface Turn {
  readonly id: TurnId;
  readonly conversation: ConversationKey;
  /** How often it failed for a reason of ours, without ending the process. Format 2 counts starts. */
  readonly attempt: number;
  /** The inbox entries that it takes. */
  readonly covers: readonly EntryId[];
  readonly replyTo: ReplyAddress;
  /** In the order of parts. */
  readonly posts: readonly JournalledPost[];
  /** The first post shows one line about it, where the reply will be. Missing: it doesn't, or the reply grows over it. */
  readonly waitsFor?: Wait;
  /** The entries whose askers were told alone: that an order has to wait, or that the place takes no answer. Missing: none. */
  readonly told?: readonly EntryId[];
  /** What had been written when a person interrupted. */
  readonly draft?: string;
  /** How often the platform failed to take the answer. Missing: never. */
  readonly refusals?: number;
  /** Since then it took a short line in its place. */
  readonly wasLineTaken?: true;
  /** The whole reply. From here on the model is not asked again. */
  readonly answer?: string;
  /** What the answer is remembered as. Missing: the model's reply. */
  readonly answerRole?: "bot" | "notice";
  /** What the answer was made from besides its prompt. Missing: nothing. */
  readonly sources?: readonly Source[];
}

/** Whether a turn takes an entry. A turn of format 2 names it by its `seq` alone. */
export function coversEntry({ covers: ids }: Turn, { id, seq }: InboxEntry): boolean {
  return ids.includes(id) || ids.includes(String(seq));
}

/** The right to write for a conversation until somebody takes it over. */
export interface Lease {
  readonly conversation: ConversationKey;
  /** Grows with each take-over. */
  readonly epoch: number;
  /** Random: two leases of one epoch, given before and after a store lost its last second, are not the same. */
  readonly name: string;
}

/** Why a running turn is to stop and be planned anew. */
export type Interruption =
  | { readonly kind: "question-changed"; readonly message: string }
  | { readonly kind: "stopped" }
  | { readonly kind: "command" };
