import type { ConversationMemory, Source } from "../../domain/conversation-memory.ts";
import { LostTraces } from "../memory/lost-traces.ts";
import { sourcesMark } from "../../domain/sources-mark.ts";
import { yielding } from "../../async/yielding.ts";

/**
 * Sources of earlier answers that this answer repeats, so that it goes when they go. Text that people said themselves does
 * not count as repeated. Reads memory once; yields between messages.
 */
export async function inheritedSources(
  { messages }: ConversationMemory,
  text: string,
): Promise<readonly Source[]> {
  const earlier = messages.filter(({ sources }) => sources !== undefined);
  if (earlier.length === 0) return [];
  const pause = yielding();
  const own = new LostTraces();
  own.add(removeSources(text));
  for (const { role, text: said } of messages) {
    if (role === "person") own.remove(said);
    await pause();
  }
  return (
    earlier
      .filter((each) => own.isRepeatedIn(removeSources(each.text)))
      .flatMap(({ sources = [] }) => sources)
      // Without the revision: if a later change left the earlier answer standing, this one stands too.
      .map(({ conversation, message }) => ({ conversation, message }))
  );
}

/** Cuts off the list of sources: naming the same source is not repetition. */
function removeSources(answer: string): string {
  const at = answer.lastIndexOf(sourcesMark);
  return at < 0 ? answer : answer.slice(0, at);
}
