import { erasedBy } from "../domain/apply-pending-changes.ts";
import type { CommandCall } from "../conversation/command/command.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { MessageId } from "../domain/message.ts";

/**
 * Whether all these messages are still remembered: in memory, or in the archive. Asks the archive once, however many there are.
 * @throws {ArchiveError}
 */
export async function areRemembered(
  { archive }: Pick<CommandCall["ports"], "archive">,
  { conversation, messages: remembered, erasures }: ConversationMemory,
  messages: readonly MessageId[],
  signal: AbortSignal,
): Promise<boolean> {
  const known = new Set(remembered.map(({ id }) => id));
  const rest = new Set(messages.filter((id) => !known.has(id)));
  if (rest.size === 0) return true;
  const archived = await archive.findOutlines(conversation, [...rest], signal);
  // Memory knows of erasures before the archive does.
  const isErased = erasedBy(erasures);
  return archived.filter((each) => !isErased(each)).length === rest.size;
}
