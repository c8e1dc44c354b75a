import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import { isBound } from "../../domain/turn.ts";
import { applyCommandEdits } from "../command/apply-command-edits.ts";
import { writtenCommands } from "../command/command.ts";
import { applyQuoteChanges } from "../inbounds/apply-quote-changes.ts";
import { markCallsOnArchived, resolveEditCalls } from "../inbounds/edit-calls.ts";
import type { ClaimedConversation } from "./claimed-conversation.ts";
import { applyConfirmations } from "./confirmation.ts";
import { locationOf } from "./location-of.ts";
import { removeErased } from "./remove-erased.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * The waiting entries as they read now, in the same order: without erased messages, with edits of quotes and commands
 * applied, a confirming "yes" as its command, and edits that call the bot as calls. @throws {StoreError}
 */
export async function resolveEntries(
  ports: TurnPorts,
  claimed: Pick<ClaimedConversation, "running" | "waiting">,
  before: ConversationMemory,
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const marked = await markCallsOnArchived(ports, before, claimed.waiting, signal);
  const allowed = applyQuoteChanges(await removeErased(ports, before, marked, signal));
  const edited = withCommandEdits(ports, claimed, allowed);
  const confirmed = await applyConfirmations(ports, before, edited, signal);
  return resolveEditCalls(before, confirmed);
}

/** A bound turn answers the text as it was; changes of it come afterwards. */
function withCommandEdits(
  { commands, platforms }: Pick<TurnPorts, "platforms" | "commands">,
  { running }: Pick<ClaimedConversation, "running">,
  entries: readonly InboxEntry[],
): readonly InboxEntry[] {
  if (running !== undefined && isBound(running)) return entries;
  const { platform, place } = locationOf(entries);
  const botName = platforms.get(platform)?.botNameIn?.(place);
  return applyCommandEdits(entries, writtenCommands(commands), botName);
}
