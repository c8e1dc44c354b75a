import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease } from "../../domain/turn.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { MemoryError, type Archived, type MemoryRead } from "../../ports/memory.ts";

import { restoreMemory } from "../archive/restore-memory.ts";
import type { TurnPorts } from "./turn-ports.ts";
import { emptyMemory } from "../memory/new-memory.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

interface MemoryOwner {
  readonly lease: Lease;
  readonly location: ConversationLocation;
  readonly waiting: readonly InboxEntry[];
}

/** The memory that a turn begins with. */
export interface StartingMemory {
  readonly before: ConversationMemory;
  /** An unreadable memory was set aside under this reference. */
  readonly lost?: Unreadable;
}

interface Unreadable {
  readonly reference: string;
  /** The archive had what was said before. */
  readonly isRebuilt: boolean;
}

/**
 * Reads the memory of a conversation for whoever holds it. What comes from the archive is put back into the hot store; an
 * unreadable record costs that record, never the conversation. @throws {MemoryError}, {LedgerError}: better late than
 * without memory; {StaleLeaseError}.
 */
export async function readMemory(
  ports: TurnPorts,
  held: MemoryOwner,
  signal: AbortSignal,
): Promise<StartingMemory> {
  const { conversation } = held.lease;
  const isBehind = held.waiting.some(({ inbound }) => inbound.kind === "filed" && inbound.isBehind);
  if (isBehind) ports.memories.recheck?.(conversation);
  const { memory, isUnreadable, archived } = await readOrStartEmpty(ports, held.lease, signal);
  if (isUnreadable === true) return quarantine(ports, held, signal);
  if (memory === undefined) return { before: emptyMemory(conversation, held.location) };
  if (archived !== undefined) await restore(ports, held.lease, { memory, archived }, signal);
  return { before: memory };
}

/** While the archive is away, a conversation begins where the hot store is sure that the archive has none. */
async function readOrStartEmpty(
  { memories, archivedMarks }: TurnPorts,
  { conversation }: Lease,
  signal: AbortSignal,
): Promise<MemoryRead> {
  try {
    return await memories.read(conversation, signal);
  } catch (error) {
    const isArchiveAway = error instanceof MemoryError && error.cause instanceof ArchiveError;
    if (isArchiveAway && !(await archivedMarks.mayBeArchived(conversation, signal))) return {};
    throw error;
  }
}

async function restore(
  { journal, log }: TurnPorts,
  lease: Lease,
  { memory, archived }: { readonly memory: ConversationMemory; readonly archived: Archived },
  signal: AbortSignal,
): Promise<void> {
  await journal.restore(lease, memory, archived, signal);
  log.info({ messages: memory.messages.length }, "a conversation came back from the archive");
}

async function quarantine(
  ports: TurnPorts,
  { lease, location }: MemoryOwner,
  signal: AbortSignal,
): Promise<StartingMemory> {
  const { archivedConversations, archive, model, journal, ids, log } = ports;
  const { conversation } = lease;
  const known = await archivedConversations.findConversation(conversation, signal);
  const { countTokens } = model;
  const again =
    known === undefined
      ? undefined
      : await restoreMemory({ archivedConversations, archive, countTokens }, { conversation, known }, signal);
  const reference = ids.reference();
  await journal.quarantineMemory(lease, reference, again, signal);
  const isRebuilt = again !== undefined && again.messages.length > 0;
  log.error({ reference, isRebuilt }, "an unreadable memory was set aside");
  return { before: again ?? emptyMemory(conversation, location), lost: { reference, isRebuilt } };
}
