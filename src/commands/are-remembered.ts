import { applyPendingChanges } from "../domain/apply-pending-changes.ts";
import type { CommandCall } from "../conversation/command/command.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { MessageId } from "../domain/message.ts";

/** Whether all these messages are still remembered: in memory, or in the archive. @throws {ArchiveError} */
export async function areRemembered(
  { archive }: Pick<CommandCall["ports"], "archive">,
  memory: ConversationMemory,
  messages: readonly MessageId[],
  signal: AbortSignal,
): Promise<boolean> {
  const known = new Set(memory.messages.map(({ id }) => id));
  for (const id of messages) {
    if (known.has(id)) continue;
    const archived = await archive.find(memory.conversation, id, signal);
    if (archived === undefined || applyPendingChanges(memory, [archived]).length === 0) return false;
  }
  return true;
}
