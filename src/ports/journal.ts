import type { ConversationKey } from "../domain/conversation.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Lease, PostId, Turn } from "../domain/turn.ts";

/** What the end of a turn leaves behind, in one atomic, fenced write. */
export interface Finish {
  /** The inbox entries that are done with. */
  readonly covers: readonly number[];
  /** Missing when nothing changed. */
  readonly recollection?: Recollection;
  /** So that replies to our posts are found again. */
  readonly posts: readonly PostId[];
  /** A new title for the directory. Missing: stays. */
  readonly title?: string;
  /** Everything kept of the conversation goes, the covered entries included. */
  readonly erase?: true;
  /** The turn was given up; the operator finds it under this reference. */
  readonly deadLetter?: { readonly reference: string; readonly why: string };
}

/** A conversation, as whoever takes it over finds it. */
export interface Taken {
  readonly lease: Lease;
  /** The running turn that somebody left. */
  readonly turn?: Turn;
  /** Whether more than one person had written in it when its last turn finished: known also while memory is away. */
  readonly isShared: boolean;
}

/** Who works on a conversation, how far its running turn is, and how it ends. */
export interface Journal {
  /** Takes the conversation over, always successfully: whoever held it before is refused from now on. */
  readonly take: (conversation: ConversationKey, signal: AbortSignal) => Promise<Taken>;
  /** @throws {StaleLeaseError} */
  readonly assertCurrent: (lease: Lease, signal: AbortSignal) => Promise<void>;
  /** Replaces the running turn. @throws {StaleLeaseError} */
  readonly note: (lease: Lease, turn: Turn, signal: AbortSignal) => Promise<void>;
  /** Ends the running turn, if there is one. @throws {StaleLeaseError}, and then nothing was written. */
  readonly finish: (lease: Lease, finish: Finish, signal: AbortSignal) => Promise<void>;
}

/** Somebody else took the conversation over: stop, and write nothing more. */
export class StaleLeaseError extends Error {
  override readonly name = "StaleLeaseError";
}
