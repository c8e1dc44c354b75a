import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import type { PlanningPorts, TurnPorts } from "../planning/turn-ports.ts";

/** What giving up a turn needs. */
export type GiveUpPorts = PlanningPorts & Pick<TurnPorts, "journal" | "memories" | "settingsVersion">;

/** A turn that can't be finished. */
export interface FailedTurn {
  readonly lease: Lease;
  readonly running: Turn | undefined;
  readonly waiting: readonly InboxEntry[];
  /** See Claim. */
  readonly syncedRevision: number;
  readonly why: string;
  /** Giving up ended the process before. Only the dead letter is written. */
  readonly isBare?: boolean;
  /** It has waited long enough: an outage no longer delays it, even without an apology or memory. */
  readonly isFinal?: boolean;
  /** Reads the memory before this turn. @throws {MemoryError} */
  readonly before: () => Promise<ConversationMemory>;
}
