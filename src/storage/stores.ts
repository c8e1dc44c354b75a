import type { Broadcast } from "../ports/broadcast.ts";
import type { DeadLetters } from "../ports/dead-letters.ts";
import type { DelayedErasures } from "../ports/delayed-erasures.ts";
import type { Directory } from "../ports/directory.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Journal } from "../ports/journal.ts";
import type { Eviction } from "../ports/eviction.ts";
import type { ErasureRequests } from "../ports/erasure-requests.ts";
import type { Locks } from "../ports/locks.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Presence } from "../ports/presence.ts";
import type { Memory } from "../ports/memory.ts";
import type { Component } from "../ports/component.ts";
import type { Renamings } from "../ports/renamings.ts";
import type { RateLimits } from "../ports/rate-limits.ts";
import type { UsageCounters } from "../ports/usage.ts";
import type { ArchivedMarks } from "../ports/archived-marks.ts";
import type { Interruptions } from "../ports/turn-scheduler.ts";

/** Everything that is kept, behind its ports, and what reaches the replicas that share it. */
export interface Stores extends Component {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memories: Memory;
  readonly directory: Directory;
  readonly deadLetters: DeadLetters;
  readonly presence: Presence;
  readonly renamings: Renamings;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
  readonly eviction: Eviction;
  readonly erasureRequests: ErasureRequests;
  readonly locks: Locks;
  readonly usage: UsageCounters;
  readonly delayedErasures: DelayedErasures;
  readonly interruptions: Interruptions;
  readonly broadcast: Broadcast;
  /** The calls that platforms take of all the replicas that share the store. */
  readonly rateLimits: RateLimits;
  /** Calls when stores that were away are back: they may have lost what they were told last. Missing: they can't be away. */
  readonly onBack?: (hear: () => void) => void;
  /** Leaves no trace of what has gone in our own files. Cheap when nothing has gone since. @throws {StoreError} */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
  /** Signs the cookies of the web chat: made once, and kept. */
  readonly cookieKey: Uint8Array;
  /** Keeps another one from now on. @throws {StoreError} */
  readonly replaceCookieKey: (key: Uint8Array, signal: AbortSignal) => Promise<void>;
}

/** What reaches this process alone: stores that are shared carry it further. */
export interface LocalListeners {
  readonly interruptions: Interruptions;
  readonly broadcast: Broadcast;
}
