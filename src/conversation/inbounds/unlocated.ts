import type { Deleted, Edited, InboxEntry, Unplaced } from "../../domain/inbound.ts";
import type { Lease } from "../../domain/turn.ts";
import { isCalling } from "./edit-calls.ts";
import type { TurnPorts } from "../turn/turn-ports.ts";

/**
 * A change as it waits for the archive, in an inbox of its platform's own: deliveries end after some minutes, and a
 * deletion must not get lost. Told twice, it is placed twice, and counts once.
 */
export function unplaced(change: Edited | Deleted, nowMs: number): Unplaced {
  const { platform, place, message, dedupeId } = change;
  const conversation = `unplaced:${platform}` as const;
  return {
    kind: "unplaced",
    conversation,
    dedupeId: `unplaced:${dedupeId}:${nowMs}`,
    platform,
    place,
    message,
    change,
  };
}

interface Placing {
  readonly lease: Lease;
  readonly entry: InboxEntry & { readonly inbound: Unplaced };
}

/** The head of such an inbox. Undefined: it is an inbox like others. */
export function unplacedIn([first]: readonly InboxEntry[]): Placing["entry"] | undefined {
  return first?.inbound.kind === "unplaced" ? { ...first, inbound: first.inbound } : undefined;
}

/** Hands a change to the conversation that it belongs to, or drops it where there is none. @throws {LedgerError}, {InboxError} */
export async function placeChange(
  ports: TurnPorts,
  { lease, entry }: Placing,
  signal: AbortSignal,
): Promise<void> {
  const { directory, archive, inbox, journal, clock, wakeIn, platforms } = ports;
  const { platform, place, message, change } = entry.inbound;
  const located = await directory.locate(platform, place, message, signal);
  const conversation = located ?? change.conversation;
  const isKnown = located !== undefined || (await archive.known(conversation, signal)) !== undefined;
  const acceptance = await inbox.accept({ ...change, conversation }, clock.nowMs(), signal, isKnown);
  if (acceptance === "ignored" && isCalling(change)) await ports.accept(change.call, signal);
  // Tells also the conversations that quote it.
  if (platforms.get(platform)?.quotes === true) await ports.accept({ ...change, conversation }, signal);
  await journal.finish(lease, { covers: [entry.id], posts: [] }, signal);
  if (acceptance === "stored") wakeIn(conversation, 0);
}
