import { type Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Memory } from "../../ports/memory.ts";
import type { Platform } from "../../ports/platform.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { type PostId, messageIdOf } from "../../domain/message.ts";

const maxPolls = 20;
const pollMs = 500;

interface Overwritten {
  /** As we know it; its posts are those of the finished reply too. */
  readonly turn: Turn;
  readonly part: number;
  readonly id: PostId;
}

/**
 * A process that was frozen wrote over a reply that another one finished meanwhile: puts back what is remembered of it,
 * or takes away a post that it does not have. While the other one still writes, its own next write does that.
 */
export async function repairPost(
  {
    memories,
    platform,
    clock,
  }: { readonly memories: Memory; readonly platform: Platform; readonly clock: Clock },
  { turn, part, id }: Overwritten,
  signal: AbortSignal,
): Promise<void> {
  const { conversation, replyTo } = turn;
  const first = messageIdOf(turn.posts[0]?.id ?? id);
  for (let look = 0; look < maxPolls; look += 1) {
    const { memory } = await memories.read(conversation, signal);
    const reply = memory?.messages.find((message) => message.id === first && message.role !== "person");
    if (reply !== undefined) {
      const texts = splitMarkdown(reply.text, platform.limits.postChars);
      const text = texts[part];
      if (text === undefined) return platform.deletePost(replyTo, id, signal);
      const state = part === texts.length - 1 ? "done" : "part";
      return platform.editPost(
        replyTo,
        id,
        { turn: turn.id, part, covers: reply.answers, text, state },
        signal,
      );
    }
    await clock.sleep(pollMs, signal);
  }
}
