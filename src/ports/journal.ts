import type { ConversationKey } from "../domain/conversation.ts";
import type { EntryId } from "../domain/inbound.ts";
import type { MessageId, PostId } from "../domain/message.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { Archived } from "./memory.ts";
import type { Suspicion } from "../domain/suspicion.ts";
import type { Lease, Turn } from "../domain/turn.ts";

/** What the end of a turn leaves behind, in one atomic, fenced write. */
export interface Finish {
  /** The inbox entries that are done with. */
  readonly covers: readonly EntryId[];
  /** Missing when nothing changed. */
  readonly memory?: ConversationMemory;
  /** So that replies to our posts are found again. */
  readonly posts: readonly PostId[];
  /** A new title for the directory. Missing: stays. */
  readonly title?: string;
  /** The name that a person gave goes: who gave it is forgotten. The new title takes its place, or none. */
  readonly isUnnamed?: true;
  /**
   * Everything kept of the conversation goes, the covered entries included; `recollection` is what stays as its mark,
   * without any text, and the ledger is told through it.
   */
  readonly erase?: true;
  /** Messages that are gone, and whatever else is not to be found any more: wherever else the stores quote them (dead letters, what was set aside, locations), they go too. */
  readonly gone?: readonly MessageId[];
  /** Messages whose text is another now: where the stores quote the old one, the quotation goes. */
  readonly changed?: readonly MessageId[];
  /** The running turn goes on: what waits for it stays as it is. */
  readonly goesOn?: true;
  /** Stays while something waits still. Missing: what was suspected of bringing processes down is over. */
  readonly suspicion?: Suspicion;
  /** The turn was given up; the operator finds it under this reference. */
  readonly deadLetter?: { readonly reference: string; readonly why: string };
}

/** A conversation, as whoever takes it over finds it. */
export interface Claim {
  readonly lease: Lease;
  /** The running turn that somebody left. */
  readonly turn?: Turn;
  /** The process that had it in hand and did not let go: it ended, unless it was this one. Missing: it let go. */
  readonly leftBy?: string;
  readonly suspicion?: Suspicion;
  /**
   * Whether more than one person had written in it when its last turn finished: known also while memory is away. True where
   * only the archive can tell.
   */
  readonly isShared: boolean;
  /** The revision of its memory that the ledger has: see Outbox. 0: none. */
  readonly syncedRevision: number;
}

/** Who works on a conversation, how far its running turn is, and how it ends. */
export interface Journal {
  /**
   * Takes the conversation over, always successfully: who held it before is refused from now on. Where something waits,
   * `worker` has it in hand from now on, until it finishes or lets go; it names a process.
   */
  readonly claim: (conversation: ConversationKey, worker: string, signal: AbortSignal) => Promise<Claim>;
  /** Who has it in hand, or nobody any more, and what is suspected of it. @throws {StaleLeaseError} */
  readonly mark: (
    lease: Lease,
    mark: { readonly worker?: string; readonly suspicion?: Suspicion },
    signal: AbortSignal,
  ) => Promise<void>;
  /** @throws {StaleLeaseError} */
  readonly assertCurrent: (lease: Lease, signal: AbortSignal) => Promise<void>;
  /** The running turn, as it was noted last. @throws {StaleLeaseError} */
  readonly running: (lease: Lease, signal: AbortSignal) => Promise<Turn | undefined>;
  /** Replaces the running turn. @throws {StaleLeaseError} */
  readonly save: (lease: Lease, turn: Turn, signal: AbortSignal) => Promise<void>;
  /**
   * Moves a memory that can't be read to where the operator finds it under the reference, as it is, and puts another in
   * its place, or none. Nothing of it waits to be filed. @throws {StaleLeaseError}
   */
  readonly quarantineMemory: (
    lease: Lease,
    reference: string,
    instead: ConversationMemory | undefined,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Puts a memory that was read from the archive in place of a missing or an older one. @throws {StaleLeaseError} */
  readonly restore: (
    lease: Lease,
    memory: ConversationMemory,
    archived: Archived,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Ends the running turn, if there is one, and lets go. @throws {StaleLeaseError}, and then nothing was written. */
  readonly finish: (lease: Lease, finish: Finish, signal: AbortSignal) => Promise<void>;
}

/** Somebody else took the conversation over: stop, and write nothing more. */
export class StaleLeaseError extends Error {
  override readonly name = "StaleLeaseError";
}
