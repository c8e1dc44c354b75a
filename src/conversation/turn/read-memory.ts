import type { InboxEntry } from "../../domain/inbound.ts";
import type { Recollection } from "../../domain/conversation-memory.ts";
import type { Lease } from "../../domain/turn.ts";
import { LedgerError } from "../../ports/archive.ts";
import { MemoryError, type Archived, type Recall } from "../../ports/memory.ts";
import { nothingYet, type Home } from "../memory/append.ts";
import { restored } from "../archive/restore-memory.ts";
import type { TurnPorts } from "./turn-ports.ts";

interface Held {
  readonly lease: Lease;
  readonly home: Home;
  readonly waiting: readonly InboxEntry[];
}

/** The memory that a turn begins with. */
export interface Recalled {
  readonly before: Recollection;
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
export async function recallFor(ports: TurnPorts, held: Held, signal: AbortSignal): Promise<Recalled> {
  const { conversation } = held.lease;
  const isBehind = held.waiting.some(({ inbound }) => inbound.kind === "filed" && inbound.isBehind);
  if (isBehind) ports.memory.distrust?.(conversation);
  const { recollection, isUnreadable, archived } = await recallOrBegin(ports, held.lease, signal);
  if (isUnreadable === true) return setAside(ports, held, signal);
  if (recollection === undefined) return { before: nothingYet(conversation, held.home) };
  if (archived !== undefined) await putBack(ports, held.lease, { recollection, archived }, signal);
  return { before: recollection };
}

/** While the archive is away, a conversation begins where the hot store is sure that the archive has none. */
async function recallOrBegin(
  { memory, resting }: TurnPorts,
  { conversation }: Lease,
  signal: AbortSignal,
): Promise<Recall> {
  try {
    return await memory.recall(conversation, signal);
  } catch (error) {
    const isArchiveAway = error instanceof MemoryError && error.cause instanceof LedgerError;
    if (isArchiveAway && !(await resting.mayRest(conversation, signal))) return {};
    throw error;
  }
}

async function putBack(
  { journal, log }: TurnPorts,
  lease: Lease,
  { recollection, archived }: { readonly recollection: Recollection; readonly archived: Archived },
  signal: AbortSignal,
): Promise<void> {
  await journal.restore(lease, recollection, archived, signal);
  log.info({ messages: recollection.messages.length }, "a conversation came back from the archive");
}

async function setAside(ports: TurnPorts, { lease, home }: Held, signal: AbortSignal): Promise<Recalled> {
  const { archive, ledger, model, journal, ids, log } = ports;
  const { conversation } = lease;
  const known = await archive.known(conversation, signal);
  const { countTokens } = model;
  const again =
    known === undefined
      ? undefined
      : await restored({ archive, ledger, countTokens }, { conversation, known }, signal);
  const reference = ids.reference();
  await journal.setMemoryAside(lease, reference, again, signal);
  const isRebuilt = again !== undefined && again.messages.length > 0;
  log.error({ reference, isRebuilt }, "an unreadable memory was set aside");
  return { before: again ?? nothingYet(conversation, home), lost: { reference, isRebuilt } };
}
