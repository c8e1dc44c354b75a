import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Clock } from "../../ports/clock.ts";

const believedMs = 60_000;
/** Three for each post. */
const mostBelieved = 30_000;

type Asked = Pick<ArchivedConversations, "known" | "locate" | "holding">;

/**
 * The archive for what apps show of their work, in posts that change every second and in any channel: where it had nothing
 * to tell, it is not asked again within a minute. Not for what people do: what has come to the archive since, and is not in
 * the hot store any more, is missed until then.
 */
export function withNotFoundCache(archive: Asked, clock: Clock): Asked {
  const until = new Map<string, number>();
  async function unlessInVain<Answer>(
    question: readonly string[],
    nothing: NoInfer<Answer>,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const key = JSON.stringify(question);
    if ((until.get(key) ?? 0) > clock.nowMs()) return nothing;
    const answer = await ask();
    until.delete(key);
    if (isNothing(answer)) until.set(key, clock.nowMs() + believedMs);
    const [oldest] = until.keys();
    if (until.size > mostBelieved && oldest !== undefined) until.delete(oldest);
    return answer;
  }
  return {
    known: (conversation, signal) =>
      unlessInVain(["known", conversation], undefined, () => archive.known(conversation, signal)),
    locate: (platform, place, message, signal) =>
      unlessInVain(["locate", platform, place, message], undefined, () =>
        archive.locate(platform, place, message, signal),
      ),
    holding: (platform, place, message, signal) =>
      unlessInVain(["holding", platform, place, message], [], () =>
        archive.holding(platform, place, message, signal),
      ),
  };
}

function isNothing(answer: unknown): boolean {
  return answer === undefined || (Array.isArray(answer) && answer.length === 0);
}
