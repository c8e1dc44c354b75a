import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
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

interface Abandoned {
  /** With the posts that this process made. */
  readonly turn: Turn;
  /** The messages that it answers. */
  readonly covers: readonly MessageId[];
  /** When this process began with it. */
  readonly sinceMs: number;
}

/**
 * Deletes the posts of a turn whose messages another process answered in others. A store that lost its last second knows
 * neither the posts of that second nor who wrote them, so its messages are answered again. Never rejects: what can't be
 * deleted is logged.
 */
export async function deleteStrays(ports: StrayPorts, abandoned: Abandoned): Promise<void> {
  const { turn } = abandoned;
  const ids = turn.posts.flatMap(({ id }) => id ?? []);
  const kept = ids.length === 0 ? undefined : await postsWhenAnswered(ports, abandoned);
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

/** The posts of all remembered replies. Undefined: nobody answered the messages in time. */
async function postsWhenAnswered(
  { memories, clock }: StrayPorts,
  abandoned: Abandoned,
): Promise<readonly PostId[] | undefined> {
  const { signal } = new AbortController();
  for (let look = 0; look < maxLooks; look += 1) {
    // The store may be away again.
    const read = memories.read(abandoned.turn.conversation, signal);
    const { memory } = await read.catch(() => ({ memory: undefined }));
    const messages = memory?.messages ?? [];
    if (isAnsweredIn(messages, abandoned)) return messages.flatMap(({ posts = [] }) => posts);
    await clock.sleep(lookMs, signal);
  }
  return undefined;
}

/** Older replies don't count: the turn may be about to replace one, and the other process may still do so. */
function isAnsweredIn(messages: readonly RememberedMessage[], { turn, covers, sinceMs }: Abandoned): boolean {
  const replies = messages.filter(({ role, posts = [] }) => role !== "person" && posts.length > 0);
  const later = replies.filter(({ saidAtMs }) => saidAtMs > sinceMs);
  const isAnswered = (id: MessageId): boolean => later.some(({ answers }) => answers.includes(id));
  return replies.some(({ turnId }) => turnId === turn.id) || (covers.length > 0 && covers.every(isAnswered));
}
