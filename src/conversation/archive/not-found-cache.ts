import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Clock } from "../../ports/clock.ts";

const ttlMs = 60_000;
/** Three for each post. */
const maxEntries = 30_000;

type Asked = Pick<ArchivedConversations, "findConversation" | "locate" | "conversationsWith">;

/**
 * The archive for what apps show of their work, in posts that change every second and in any channel: where it had nothing
 * to tell, it is not asked again within a minute. Not for what people do: what has come to the archive since, and is not in
 * the hot store any more, is missed until then.
 */
export function withNotFoundCache(archive: Asked, clock: Clock): Asked {
  const until = new Map<string, number>();
  async function askUnlessCached<Answer>(
    question: readonly string[],
    nothing: NoInfer<Answer>,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const key = JSON.stringify(question);
    if ((until.get(key) ?? 0) > clock.nowMs()) return nothing;
    const answer = await ask();
    until.delete(key);
    if (isNothing(answer)) until.set(key, clock.nowMs() + ttlMs);
    const [oldest] = until.keys();
    if (until.size > maxEntries && oldest !== undefined) until.delete(oldest);
    return answer;
  }
  return {
    findConversation: (conversation, signal) =>
      askUnlessCached(["known", conversation], undefined, () =>
        archive.findConversation(conversation, signal),
      ),
    locate: (platform, place, message, signal) =>
      askUnlessCached(["locate", platform, place, message], undefined, () =>
        archive.locate(platform, place, message, signal),
      ),
    conversationsWith: (platform, place, message, signal) =>
      askUnlessCached(["holding", platform, place, message], [], () =>
        archive.conversationsWith(platform, place, message, signal),
      ),
  };
}

function isNothing(answer: unknown): boolean {
  return answer === undefined || (Array.isArray(answer) && answer.length === 0);
}
