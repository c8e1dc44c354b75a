import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";
import { memoryRebuilt } from "../text/user-messages.ts";
import { eraseFiles } from "../files/erase-files.ts";
import { erasuresFor } from "./erasures-for.ts";
import { backfillFor } from "./backfill.ts";
import { completeMessages } from "./complete-messages.ts";
import { nextMemory, type Remembered } from "./next-memory.ts";
import { notifyAuthor } from "./notify-author.ts";
import type { RememberingPlan } from "../planning/plan.ts";
import type { StartingMemory } from "./read-memory.ts";
import type { PlanningPorts, TurnPorts } from "../planning/turn-ports.ts";

/** What a turn adds to memory. */
export interface PlannedTurn {
  readonly plan: RememberingPlan;
  readonly location: ConversationLocation;
  readonly before: ConversationMemory;
  /** As they were accepted. */
  readonly waiting: readonly InboxEntry[];
  /** See StartingMemory. */
  readonly lost: StartingMemory["lost"] | undefined;
  /** See Claim. */
  readonly syncedRevision: number;
  /** Ends the reading of files before the turn's signal does. */
  readonly reading?: AbortSignal;
}

type RememberingPorts = PlanningPorts &
  Pick<
    TurnPorts,
    "archive" | "erasureRequests" | "files" | "fileReader" | "fileRoom" | "transcriber" | "usage" | "limits"
  >;

/**
 * Adds what a plan says to memory, after a backfill if the bot is called for the first time. The texts of files are read
 * first. Nothing is stored yet. Tells the author if the memory was unreadable.
 */
export async function rememberPlan(
  ports: RememberingPorts,
  { plan, location, before, waiting, lost, syncedRevision, reading }: PlannedTurn,
  signal: AbortSignal,
): Promise<Remembered> {
  if (lost !== undefined)
    await notifyAuthor(ports, plan, memoryRebuilt(lost.reference, lost.isRebuilt), signal);
  const backfill =
    lost === undefined ? await backfillFor(ports, before, { location, plan }, signal) : undefined;
  const synced = Math.min(syncedRevision, before.revision);
  const erasures = erasuresFor(plan, waiting, before.messages);
  await eraseFiles(ports, before.conversation, erasures, signal);
  const earlier = backfill !== undefined && "messages" in backfill ? backfill.messages : [];
  const completed = await completeMessages(ports, { memory: before, plan, earlier }, reading ?? signal);
  const seeding = backfill === undefined || earlier.length === 0 ? backfill : { messages: completed.earlier };
  return nextMemory(ports, {
    before,
    location,
    plan: completed.plan,
    backfill: seeding,
    syncedRevision: synced,
  });
}
