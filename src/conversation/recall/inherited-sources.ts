import type { ConversationMemory, Source } from "../../domain/conversation-memory.ts";
import { LostTraces } from "../memory/lost-traces.ts";
import { sourcesMark } from "./cite-sources.ts";
import { yielding } from "../async/yielding.ts";

/** What an answer repeats of earlier ones that were looked up rests on the same. In slices; the window is read once. */
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
      // A change since then that left the earlier answer standing leaves this one too.
      .map(({ conversation, message }) => ({ conversation, message }))
  );
}

/** Two answers that name the same person as their source have only that in common. */
function removeSources(answer: string): string {
  const at = answer.lastIndexOf(sourcesMark);
  return at < 0 ? answer : answer.slice(0, at);
}
