import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { citedMessages, type CitedMessage, type ToolRound } from "../../domain/tool-round.ts";
import { ArchiveError, type Archive } from "../../ports/archive.ts";

/**
 * The rounds of an earlier attempt that may still be used. None may if a message that they quote was edited or deleted
 * since, or if the archive can't tell: the model then looks it up again.
 */
export async function standingRounds(
  archive: Pick<Archive, "find">,
  memory: ConversationMemory,
  rounds: readonly ToolRound[],
  signal: AbortSignal,
): Promise<readonly ToolRound[]> {
  try {
    for (const cited of citedMessages(rounds)) {
      if (!(await stands(archive, memory, cited, signal))) return [];
    }
    return rounds;
  } catch (error) {
    if (error instanceof ArchiveError) return [];
    throw error;
  }
}

async function stands(
  archive: Pick<Archive, "find">,
  memory: ConversationMemory,
  { conversation, message, revision }: CitedMessage,
  signal: AbortSignal,
): Promise<boolean> {
  const archived = await archive.find(conversation, message, signal);
  if (archived === undefined) return false;
  const [current] = applyPendingChanges(memory, [archived]);
  return current?.text === archived.text && archived.revision === revision;
}
