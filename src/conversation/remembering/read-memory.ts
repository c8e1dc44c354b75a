import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease } from "../../domain/turn.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { MemoryError, type Archived, type MemoryRead, type MemorySnapshot } from "../../ports/memory.ts";

import { rulesOf } from "../inbounds/registry.ts";
import { restoreMemory } from "../archive/restore-memory.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { emptyMemory } from "../memory/new-memory.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

interface MemoryOwner {
  readonly lease: Lease;
  readonly location: ConversationLocation;
  readonly waiting: readonly InboxEntry[];
  /** What the claim read of it. Missing: the store is asked. */
  readonly snapshot?: MemorySnapshot | undefined;
}

/** The memory that a turn begins with. */
export interface StartingMemory {
  readonly before: ConversationMemory;
  /** Set when an unreadable memory was quarantined. */
  readonly lost?: Unreadable;
}

interface Unreadable {
  readonly reference: string;
  /** The archive had earlier messages. */
  readonly isRebuilt: boolean;
}

/**
 * Reads the memory of a claimed conversation. A memory from the archive is restored to the hot store; an unreadable record
 * is quarantined and rebuilt from the archive and what can still be read of it. @throws {MemoryError}, {ArchiveError} rather than answer without memory;
 * {StaleLeaseError}.
 */
export async function readMemory(
  ports: Pick<
    TurnPorts,
    | "journal"
    | "memories"
    | "archive"
    | "archivedConversations"
    | "archivedMarks"
    | "delayedErasures"
    | "model"
    | "ids"
    | "log"
  >,
  held: MemoryOwner,
  signal: AbortSignal,
): Promise<StartingMemory> {
  const { conversation } = held.lease;
  if (held.waiting.some(({ inbound }) => rulesOf(inbound).rechecksMemory))
    ports.memories.recheck?.(conversation);
  const { memory, isUnreadable, rest, archived } = await readOrStartEmpty(ports, held, signal);
  if (isUnreadable === true) return quarantine(ports, held, rest, signal);
  if (memory === undefined) return { before: emptyMemory(conversation, held.location) };
  if (archived !== undefined) await restore(ports, held.lease, { memory, archived }, signal);
  return { before: memory };
}

/** During an outage of the archive, starts an empty memory only if the archive can't have the conversation. */
async function readOrStartEmpty(
  { memories, archivedMarks }: Pick<TurnPorts, "memories" | "archivedMarks">,
  { lease: { conversation }, snapshot }: MemoryOwner,
  signal: AbortSignal,
): Promise<MemoryRead> {
  try {
    return await memories.read(conversation, signal, snapshot);
  } catch (error) {
    const isArchiveAway = error instanceof MemoryError && error.cause instanceof ArchiveError;
    if (isArchiveAway && !(await archivedMarks.mayBeArchived(conversation, signal))) return {};
    throw error;
  }
}

async function restore(
  { journal, delayedErasures, log }: Pick<TurnPorts, "journal" | "delayedErasures" | "log">,
  lease: Lease,
  { memory, archived }: { readonly memory: ConversationMemory; readonly archived: Archived },
  signal: AbortSignal,
): Promise<void> {
  await journal.restore(lease, memory, archived, signal);
  // The hot store may have lost that a deletion was undone.
  if (memory.erasing === undefined) await delayedErasures.drop(lease.conversation, signal);
  log.info({ messages: memory.messages.length }, "restored a conversation from the archive");
}

async function quarantine(
  ports: Pick<TurnPorts, "journal" | "archive" | "archivedConversations" | "model" | "ids" | "log">,
  { lease, location }: MemoryOwner,
  rest: ConversationMemory | undefined,
  signal: AbortSignal,
): Promise<StartingMemory> {
  const { archivedConversations, archive, model, journal, ids, log } = ports;
  const { conversation } = lease;
  const known = await archivedConversations.findConversation(conversation, signal);
  const { countTokens } = model;
  const older = rest === undefined ? {} : { older: rest };
  const again =
    known === undefined
      ? rest
      : await restoreMemory(
          { archivedConversations, archive, countTokens },
          { conversation, known, ...older },
          signal,
        );
  const reference = ids.reference();
  await journal.quarantineMemory(lease, reference, again, signal);
  const isRebuilt = again !== undefined && again.messages.length > 0;
  log.error({ reference, isRebuilt }, "quarantined an unreadable memory; inspect it under this reference");
  return { before: again ?? emptyMemory(conversation, location), lost: { reference, isRebuilt } };
}
