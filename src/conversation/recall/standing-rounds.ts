import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import {
  citedMessages,
  startedWrites,
  type CitedMessage,
  type ToolRound,
  type TurnCall,
} from "../../domain/tool-round.ts";
import { ArchiveError, type Archive } from "../../ports/archive.ts";

/**
 * The rounds of an earlier attempt, as far as they may still be used. If a message that they quote was edited or deleted
 * since, or if the archive can't tell, only the writing calls that were started are left of them.
 */
export async function standingRounds(
  archive: Pick<Archive, "find">,
  memory: ConversationMemory,
  rounds: readonly ToolRound[],
  signal: AbortSignal,
): Promise<readonly ToolRound[]> {
  try {
    for (const cited of citedMessages(rounds)) {
      if (!(await stands(archive, memory, cited, signal))) return writesOf(rounds);
    }
    return rounds;
  } catch (error) {
    if (error instanceof ArchiveError) return writesOf(rounds);
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

const gone = "What this gave has changed since. Look it up again.";

/** Keeps the number of calls, which the keys of writing calls come from. What the model wrote may repeat what is gone. */
function writesOf(rounds: readonly ToolRound[]): readonly ToolRound[] {
  if (startedWrites(rounds).length === 0) return [];
  return rounds.map(({ calls, usage }) => ({
    text: "",
    calls: calls.map(withoutQuotations),
    ...(usage === undefined ? {} : { usage }),
  }));
}

function withoutQuotations(call: TurnCall): TurnCall {
  const { result, approval, write } = call;
  // What a person is asked may rest on what is gone.
  if (approval !== undefined && write === undefined && result === undefined)
    return { ...call, approval: { ...approval, says: "", answer: "withdrawn" } };
  if (result?.cites === undefined) return call;
  const { cites: _, ...rest } = result;
  return { ...call, result: { ...rest, text: gone } };
}
