import type { PostId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Platform } from "../../ports/platform.ts";
import { retry } from "../async/retry.ts";

/** As long as the answer of another process may take. */
const maxLooks = 120;
const lookMs = 1_000;
const deleteMs = 60_000;

interface StrayPorts {
  readonly memories: Memory;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Deletes the posts of a turn that another process finished with others. A store that lost its last second knows neither the
 * posts of that second nor who wrote them, so the turn begins again without them. `turn`: with the
 * posts that this process made. Never rejects: what can't be deleted is logged.
 */
export async function deleteStrays(ports: StrayPorts, { posts, ...turn }: Turn): Promise<void> {
  const ids = posts.flatMap(({ id }) => id ?? []);
  const kept = ids.length === 0 ? undefined : await postsWhenFinished(ports, turn);
  const strays = kept === undefined ? [] : ids.filter((id) => !kept.includes(id));
  const { platform, clock, log } = ports;
  const signal = AbortSignal.timeout(deleteMs);
  for (const id of strays) {
    try {
      await retry(clock, signal, () => platform.deletePost(turn.replyTo, id, signal));
    } catch (error) {
      log.warn({ err: error, turn: turn.id }, "a post that stands twice could not be deleted");
    }
  }
}

/** The posts of the finished reply. Undefined: the turn was not finished in time, or not with a reply. */
async function postsWhenFinished(
  { memories, clock }: StrayPorts,
  { id, conversation }: Pick<Turn, "id" | "conversation">,
): Promise<readonly PostId[] | undefined> {
  const { signal } = new AbortController();
  for (let look = 0; look < maxLooks; look += 1) {
    // The store may be away again.
    const { memory } = await memories.read(conversation, signal).catch(() => ({ memory: undefined }));
    const reply = memory?.messages.find(({ turnId }) => turnId === id);
    if (reply?.posts !== undefined) return reply.posts;
    await clock.sleep(lookMs, signal);
  }
  return undefined;
}
