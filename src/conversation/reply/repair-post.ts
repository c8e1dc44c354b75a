import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { saidIn } from "../../domain/file-texts.ts";
import type { Post } from "../../domain/post.ts";
import { type Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Memory } from "../../ports/memory.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";
import { answerActions, type KnownCommands } from "./answer-actions.ts";
import { overwritePost } from "./overwrite-post.ts";
import { layOut } from "./lay-out.ts";
import { laidOutOf } from "./laid-out-of.ts";
import { type PostId, messageIdOf } from "../../domain/message.ts";

const maxPolls = 20;
const pollMs = 500;

interface RepairPorts {
  readonly commands: KnownCommands;
  readonly memories: Memory;
  readonly platform: Platform;
  readonly clock: Clock;
}

interface Overwritten {
  /** As this process knows it. Its posts belong to the finished reply too. */
  readonly turn: Turn;
  readonly part: number;
  readonly id: PostId;
}

/**
 * Repairs a post of a finished reply after a frozen process overwrote it: restores the remembered text with its files, or
 * deletes a post that the reply does not have. If the other process is still writing, its own next write repairs the post.
 */
export async function repairPost(
  ports: RepairPorts,
  overwritten: Overwritten,
  signal: AbortSignal,
): Promise<void> {
  const { memories, platform, clock } = ports;
  const { turn, id } = overwritten;
  const first = messageIdOf(turn.posts[0]?.id ?? id);
  for (let look = 0; look < maxPolls; look += 1) {
    const { memory } = await memories.read(turn.conversation, signal);
    const reply = memory?.messages.find((message) => message.id === first && message.role !== "person");
    // What another turn made may be the old answer, which this one was to replace: the process that has it now may do so yet.
    const isOurs = reply?.turnId === turn.id || look === maxPolls - 1;
    if (reply !== undefined && isOurs) {
      const posts = laidOutOf(reply, platform) ?? postsAlone(reply, platform);
      try {
        return await restore(ports, overwritten, { reply, posts }, signal);
      } catch (error) {
        // It may have as many posts without its files.
        if (!(error instanceof PlatformError) || !error.refusesFiles) throw error;
        return restore(ports, overwritten, { reply, posts: postsAlone(reply, platform) }, signal);
      }
    }
    await clock.sleep(pollMs, signal);
  }
}

type LaidOut = ReturnType<typeof layOut>;

async function restore(
  { commands, platform }: RepairPorts,
  { turn, part, id }: Overwritten,
  { reply, posts }: { readonly reply: RememberedMessage; readonly posts: LaidOut },
  signal: AbortSignal,
): Promise<void> {
  const wanted = posts[part];
  if (wanted === undefined) return platform.deletePost(turn.replyTo, id, signal);
  const { text, files } = wanted;
  const whole = { turn: reply.turnId ?? turn.id, part, covers: reply.answers, text };
  const beside = files === undefined || platform.sharedFiles !== undefined ? {} : { files };
  const actions = () => answerActions(commands, { ...reply, text: saidIn(reply) });
  const post: Post =
    part < posts.length - 1
      ? { ...whole, state: "part" }
      : { ...whole, state: "done", actions: actions(), ...beside };
  return overwritePost(platform, turn.replyTo, { id, post }, signal);
}

/** Where the platform took no files. */
function postsAlone(reply: RememberedMessage, { limits: { postChars } }: Platform): LaidOut {
  return layOut(saidIn(reply), { postChars });
}
