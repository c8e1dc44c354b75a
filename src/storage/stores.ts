import type { Broadcast } from "../ports/broadcast.ts";
import type { Confirmations } from "../ports/confirmations.ts";
import type { DeadLetters } from "../ports/dead-letters.ts";
import type { DelayedErasures } from "../ports/delayed-erasures.ts";
import type { Directory } from "../ports/directory.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Journal } from "../ports/journal.ts";
import type { Eviction } from "../ports/eviction.ts";
import type { ErasureRequests } from "../ports/erasure-requests.ts";
import type { Installations } from "../ports/installations.ts";
import type { Locks } from "../ports/locks.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { PreferenceStore } from "../ports/preferences.ts";
import type { Presence } from "../ports/presence.ts";
import type { HotMemory } from "../ports/memory.ts";
import type { Component } from "../ports/component.ts";
import type { Renamings } from "../ports/renamings.ts";
import type { RateLimits } from "../ports/rate-limits.ts";
import type { UsageCounters } from "../ports/usage.ts";
import type { ArchivedMarks } from "../ports/archived-marks.ts";
import type { Workers } from "../ports/workers.ts";
import type { Interruptions } from "../ports/turn-scheduler.ts";

/** Every hot store behind its port, and the channels to the replicas that share them. */
export interface Stores extends Component {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memories: HotMemory;
  readonly directory: Directory;
  readonly deadLetters: DeadLetters;
  readonly presence: Presence;
  readonly renamings: Renamings;
  readonly installations: Installations;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
  /** Missing: no other process can use the stores. */
  readonly workers?: Workers;
  readonly eviction: Eviction;
  readonly erasureRequests: ErasureRequests;
  readonly locks: Locks;
  readonly usage: UsageCounters;
  readonly delayedErasures: DelayedErasures;
  readonly confirmations: Confirmations;
  readonly preferences: PreferenceStore;
  readonly interruptions: Interruptions;
  readonly broadcast: Broadcast;
  /** The platforms' rate limits, counted over all replicas that share the store. */
  readonly rateLimits: RateLimits;
  /**
   * Calls `onBack` when unreachable stores are reachable again; they may have lost the last writes. Missing for
   * stores that are always reachable.
   */
  readonly onBack?: (onBack: () => void) => void;
  /**
   * Removes every trace of deleted data from our own files. Cheap when nothing was deleted since.
   * @throws {StoreError}
   */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
  /** Signs the web chat's cookies. Created once, then stored. */
  readonly cookieKey: Uint8Array;
  /** Stores another key. @throws {StoreError} */
  readonly replaceCookieKey: (key: Uint8Array, signal: AbortSignal) => Promise<void>;
}

/** The channels within this process. Shared stores extend them to other replicas. */
export interface LocalListeners {
  readonly interruptions: Interruptions;
  readonly broadcast: Broadcast;
}
