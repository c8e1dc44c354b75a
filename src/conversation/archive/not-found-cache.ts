import { LRUCache } from "lru-cache";

import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Clock } from "../../ports/clock.ts";

const ttlMs = 60_000;
/** Each post uses three entries. */
const maxEntries = 30_000;

type Asked = Pick<ArchivedConversations, "findConversation" | "locate" | "conversationsWith">;

/**
 * Caches for a minute that the archive does not know a message or conversation. Only for edits by apps, which may come every
 * second and in any channel: what reaches the archive within that minute is missed.
 */
export function withNotFoundCache(archive: Asked, clock: Clock): Asked {
  // Made when it is needed: it takes its room at once.
  let notFound: LRUCache<string, true> | undefined;
  async function askUnlessCached<Answer>(
    question: readonly string[],
    nothing: NoInfer<Answer>,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const key = JSON.stringify(question);
    if (notFound?.has(key) === true) return nothing;
    const answer = await ask();
    if (isNothing(answer)) (notFound ??= makeCache(clock)).set(key, true);
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

function makeCache(clock: Clock): LRUCache<string, true> {
  return new LRUCache({
    max: maxEntries,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
}

function isNothing(answer: unknown): boolean {
  return answer === undefined || (Array.isArray(answer) && answer.length === 0);
}
