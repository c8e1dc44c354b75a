import type { Inbound } from "../../domain/inbound.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import { InboxError, type Acceptance, type Inbox } from "../../ports/inbox.ts";
import { ArchiveError } from "../../ports/archive.ts";
import type { SettingsAt } from "../settings/settings-at.ts";
import { opensConversation, takesPart } from "../addressing/on-arrival.ts";
import { isByApp } from "../memory/app-messages.ts";
import { unlocated } from "./locate-change.ts";
import { rulesOf } from "./registry.ts";
import { isMessageChange, type MessageChange } from "../../domain/message-change.ts";

/** What storing an inbound needs. */
export interface StoringPorts {
  readonly inbox: Inbox;
  readonly archivedConversations: Pick<ArchivedConversations, "findConversation">;
  readonly settingsAt: SettingsAt;
}

/**
 * Stores an inbound if it belongs to a known conversation or starts one. Messages are ignored where the bot takes no part. Asks the archive only about inbounds that the hot
 * store would ignore. While the archive is unreachable, unaddressed messages are ignored, edits and deletions are stored
 * until it can locate them, and all others are refused, so that the platform delivers them again.
 * @throws {InboxError}
 */
export async function storeInbound(
  ports: StoringPorts,
  inbound: Inbound,
  nowMs: number,
  signal: AbortSignal,
): Promise<Acceptance> {
  const { inbox, archivedConversations, settingsAt } = ports;
  if (inbound.kind === "said" && !takesPart(settingsAt, inbound)) return "ignored";
  const opens = inbound.kind === "said" && opensConversation(settingsAt, inbound);
  const acceptance = await inbox.accept(inbound, nowMs, signal, opens);
  if (acceptance !== "ignored" || !rulesOf(inbound).concernsArchived) return acceptance;
  try {
    if ((await archivedConversations.findConversation(inbound.conversation, signal)) === undefined)
      return "ignored";
  } catch (cause) {
    if (!(cause instanceof ArchiveError)) throw cause;
    if (inbound.kind === "said") return "ignored";
    if (isMessageChange(inbound)) return storeUnlocated(ports, inbound, nowMs, signal);
    throw new InboxError("The archive is unreachable, and only it may know the conversation", { cause });
  }
  return inbox.accept(inbound, nowMs, signal, true);
}

/**
 * Stores a change until the archive can locate its message. Ignores edits by apps: some edit a post every second, and
 * would fill the inbox. @throws {InboxError}
 */
export async function storeUnlocated(
  { inbox }: Pick<StoringPorts, "inbox">,
  change: MessageChange,
  nowMs: number,
  signal: AbortSignal,
): Promise<Acceptance> {
  return isByApp(change) ? "ignored" : inbox.accept(unlocated(change, nowMs), nowMs, signal);
}
