import type { Deleted, Edited, Inbound } from "../../domain/inbound.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import { InboxError, type Acceptance, type Inbox } from "../../ports/inbox.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { isByApp } from "../memory/app-messages.ts";
import { unlocated } from "./unlocated.ts";

export interface StoringPorts {
  readonly inbox: Inbox;
  readonly archivedConversations: Pick<ArchivedConversations, "findConversation">;
}

/**
 * Stores what belongs to a conversation that the hot store or the archive knows, and what begins one. Asks the archive
 * only about what the hot store would drop. While the archive is away, talk that names nobody is dropped, edits and
 * deletions are stored until it can tell where they belong, and the rest is refused, so that it is told again.
 * @throws {InboxError}
 */
export async function storeInbound(
  ports: StoringPorts,
  inbound: Inbound,
  nowMs: number,
  signal: AbortSignal,
): Promise<Acceptance> {
  const { inbox, archivedConversations } = ports;
  const acceptance = await inbox.accept(inbound, nowMs, signal);
  if (acceptance !== "ignored" || !concernsArchived[inbound.kind]) return acceptance;
  try {
    if ((await archivedConversations.findConversation(inbound.conversation, signal)) === undefined)
      return "ignored";
  } catch (cause) {
    if (!(cause instanceof ArchiveError)) throw cause;
    if (inbound.kind === "said") return "ignored";
    if (inbound.kind === "edited" || inbound.kind === "deleted")
      return storeUnlocated(ports, inbound, nowMs, signal);
    throw new InboxError("The archive can't be asked whether it knows the conversation", { cause });
  }
  return inbox.accept(inbound, nowMs, signal, true);
}

/**
 * Keeps a change until the archive can tell where it belongs; told twice at once, once. Not what an app shows of its work:
 * some do so every second, everywhere, and would fill the inbox for nothing. @throws {InboxError}
 */
export async function storeUnlocated(
  { inbox }: Pick<StoringPorts, "inbox">,
  change: Edited | Deleted,
  nowMs: number,
  signal: AbortSignal,
): Promise<Acceptance> {
  return isByApp(change) ? "ignored" : inbox.accept(unlocated(change, nowMs), nowMs, signal);
}

/** What is over with the turn or the work that it belongs to concerns no conversation that the hot store does not know. */
export const concernsArchived: Readonly<Record<Inbound["kind"], boolean>> = {
  said: true,
  edited: true,
  deleted: true,
  commanded: true,
  stopped: false,
  erased: true,
  delegated: false,
  announced: true,
  reasked: false,
  retracted: true,
  forgot: true,
  expired: true,
  lapsed: true,
  filed: false,
  folded: false,
  titled: false,
  unplaced: false,
};
