import type { ConversationKey } from "../domain/conversation.ts";
import type { EntryId, InboxEntry } from "../domain/inbound.ts";
import type { MessageId, PostId } from "../domain/message.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { Archived, MemorySnapshot } from "./memory.ts";
import type { Suspicion } from "../domain/suspicion.ts";
import type { Lease, Turn } from "../domain/turn.ts";

/** The outcome of a turn, stored in one atomic, fenced write. */
export interface Finish {
  /** The inbox entries that the turn processed. They are removed. */
  readonly covers: readonly EntryId[];
  /** Replaces the conversation's memory. Missing: memory is unchanged. */
  readonly memory?: ConversationMemory;
  /** The reply's posts, so that replies to them lead to this conversation. */
  readonly posts: readonly PostId[];
  /** The new title in the directory. A title that a person chose stays. Missing: unchanged. */
  readonly title?: string;
  /** Removes a title that a person chose, because that person was erased. `title` replaces it; missing: no title. */
  readonly isUnnamed?: true;
  /**
   * Erases everything stored about the conversation, the covered entries included. `memory` is then the mark of the
   * erasure, without any text; its sync erases the conversation in the archive.
   */
  readonly erase?: true;
  /** Removed messages. Their copies in dead letters, quarantined records and locations are removed too. Missing: none. */
  readonly gone?: readonly MessageId[];
  /** Edited messages. Stored copies of the old text are removed. Missing: none. */
  readonly changed?: readonly MessageId[];
  /** The running turn stays, and goes on after this write. Missing: the turn ends. */
  readonly goesOn?: true;
  /** Stored while entries still wait. Missing: the suspicion is cleared. */
  readonly suspicion?: Suspicion;
  /** Moves the covered entries to the dead letters, under this reference. Missing: the turn succeeded. */
  readonly deadLetter?: { readonly reference: string; readonly why: string };
}

/** The state of a conversation at the moment of a claim. */
export interface Claim {
  readonly lease: Lease;
  /** The unfinished turn of an earlier claim. Missing: none. */
  readonly turn?: Turn;
  /** The last worker, if it did not release the claim: unless it is this process, it died. Missing: it released it. */
  readonly leftBy?: string;
  /** Missing: the conversation is not suspected of ending processes. */
  readonly suspicion?: Suspicion;
  /**
   * Whether more than one person had written when the last turn finished. Known even while memory is unreachable; true if
   * only the archive can tell.
   */
  readonly isShared: boolean;
  /** The memory revision that the archive has: see Outbox. 0: none. */
  readonly syncedRevision: number;
  /** The seq of the conversation's newest entry, or 0. Later ones came after the claim. */
  readonly newestSeq: number;
  /** The waiting entries, as `Inbox.waiting` gives them. Missing: the inbox has to be asked. */
  readonly waiting?: readonly InboxEntry[];
  /** For `Memory.read`. Missing: it has to ask the store. */
  readonly memory?: MemorySnapshot;
}

/** Claims, running turns and their outcome. Every write but `claim` is fenced: an outdated lease is refused. */
export interface Journal {
  /**
   * Claims a conversation, and invalidates all earlier leases. If entries wait, `worker` (the name of a process) is recorded
   * until `finish`, or until `mark` clears it.
   * @throws {BusyError} if another process that is alive is recorded (see Workers); nothing was changed.
   */
  readonly claim: (conversation: ConversationKey, worker: string, signal: AbortSignal) => Promise<Claim>;
  /** Replaces the recorded worker and suspicion; missing values clear them. @throws {StaleLeaseError} */
  readonly mark: (
    lease: Lease,
    mark: { readonly worker?: string; readonly suspicion?: Suspicion },
    signal: AbortSignal,
  ) => Promise<void>;
  /** Checks that the lease is still valid. @throws {StaleLeaseError} */
  readonly assertCurrent: (lease: Lease, signal: AbortSignal) => Promise<void>;
  /** The running turn as last saved. Undefined: none. @throws {StaleLeaseError} */
  readonly running: (lease: Lease, signal: AbortSignal) => Promise<Turn | undefined>;
  /** Saves the running turn; replaces the last version. @throws {StaleLeaseError} */
  readonly save: (lease: Lease, turn: Turn, signal: AbortSignal) => Promise<void>;
  /**
   * Moves an unreadable memory, unchanged, to the quarantined records under the reference, and puts `instead` in its place;
   * undefined leaves none, and nothing to sync. @throws {StaleLeaseError}
   */
  readonly quarantineMemory: (
    lease: Lease,
    reference: string,
    instead: ConversationMemory | undefined,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Replaces a missing or older memory with the one from the archive. @throws {StaleLeaseError} */
  readonly restore: (
    lease: Lease,
    memory: ConversationMemory,
    archived: Archived,
    signal: AbortSignal,
  ) => Promise<void>;
  /**
   * Ends the running turn, if any, and releases the claim. `rest`: no entry waits any more.
   * @throws {StaleLeaseError} when nothing was written.
   */
  readonly finish: (lease: Lease, finish: Finish, signal: AbortSignal) => Promise<"more" | "rest">;
}

/** Another process works on the conversation, and will see everything that waits when it has finished. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

/** Another process claimed the conversation: stop, and write nothing more. */
export class StaleLeaseError extends Error {
  override readonly name = "StaleLeaseError";
}
