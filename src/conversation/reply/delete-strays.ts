import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Platform } from "../../ports/platform.ts";
import { retry } from "../async/retry.ts";

/** Most answers of another process take less. */
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
  readonly turn: Turn;
  /** The posts that this process made for it, at least one. */
  readonly made: readonly PostId[];
  /** The messages that it answers. */
  readonly covers: readonly MessageId[];
  /** When this process began with it. */
  readonly sinceMs: number;
}

/**
 * Deletes the posts of an unfinished answer whose messages another process answered in others. A store that lost its last
 * second knows neither the posts of that second nor who wrote them, so its messages are answered again. A complete answer
 * stays: the other one may have been stopped. Never rejects: what can't be deleted is logged.
 */
export async function deleteStrays(ports: StrayPorts, abandoned: Abandoned): Promise<void> {
  const { turn, made } = abandoned;
  if (turn.answer !== undefined) return;
  const { platform, clock, log } = ports;
  const kept = await postsWhenAnswered(ports, abandoned);
  if (kept === undefined) {
    log.info({ turn: turn.id }, "no other answer came in time; posts of this turn may stand twice");
    return;
  }
  const signal = AbortSignal.timeout(deleteMs);
  for (const id of made.filter((each) => !kept.includes(each))) {
    try {
      await retry(clock, signal, () => platform.deletePost(turn.replyTo, id, signal), deleteMs);
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
    const messages = await messagesIn(memories, abandoned.turn.conversation, signal);
    if (isAnsweredIn(messages, abandoned)) return messages.flatMap(({ posts = [] }) => posts);
    await clock.sleep(lookMs, signal);
  }
  return undefined;
}

/** Empty while the store is away. */
async function messagesIn(
  memories: Memory,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<readonly RememberedMessage[]> {
  try {
    return (await memories.read(conversation, signal)).memory?.messages ?? [];
  } catch {
    return [];
  }
}

/** Older replies don't count: the turn may be about to replace one, and the other process may still do so. */
function isAnsweredIn(messages: readonly RememberedMessage[], { turn, covers, sinceMs }: Abandoned): boolean {
  const replies = messages.filter(({ role, posts = [] }) => role === "bot" && posts.length > 0);
  const later = replies.filter(({ saidAtMs }) => saidAtMs > sinceMs);
  const isAnswered = (id: MessageId): boolean => later.some(({ answers }) => answers.includes(id));
  return replies.some(({ turnId }) => turnId === turn.id) || (covers.length > 0 && covers.every(isAnswered));
}
