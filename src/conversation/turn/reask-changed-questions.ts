import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { Reasked } from "../../domain/own-inbounds.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { retry } from "../async/retry.ts";
import { placeholderText } from "../../domain/fixed-notices.ts";
import { acceptReasked } from "../memory/reanswer.ts";
import { retractPosts } from "../reply/delete-posts.ts";
import { overwritePost } from "../reply/overwrite-post.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** The questions to answer again. */
interface Reasking {
  readonly memory: ConversationMemory;
  readonly again: readonly Reasked[];
  /** Those whose posts show removed content. */
  readonly hide: readonly Reasked[];
}

/**
 * Puts changed questions back into the inbox. Posts that show removed content are overwritten at once, because the new answer
 * may have to wait. @throws {PlatformError} while the platform is unreachable.
 */
export async function reaskChangedQuestions(
  ports: Pick<TurnPorts, "inbox" | "platforms" | "clock" | "ids" | "log">,
  remembered: Reasking,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<void> {
  await hideStaleAnswers(ports, remembered.hide, signal);
  await acceptReasked(ports, remembered, waiting, signal);
}

async function hideStaleAnswers(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  hide: readonly Reasked[],
  signal: AbortSignal,
): Promise<void> {
  for (const { replyTo, posts, answers } of hide) {
    const [post] = posts;
    if (post === undefined) continue;
    const instead = { turn: post, part: 0, covers: answers, text: placeholderText } as const;
    const line = { ...instead, state: "writing", isLine: true } as const;
    try {
      const platform = platformFor(ports, replyTo.platform);
      await retry(ports.clock, signal, () =>
        overwritePost(platform, replyTo, { id: post, post: line }, signal),
      );
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      await retractPosts(ports, replyTo.platform, [post], signal);
    }
  }
}
