import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import { appendReply, replyIdOf, type ReplyToRemember } from "../memory/append.ts";
import { replaceAnswer, type Reanswer } from "../memory/reanswer.ts";
import { forNewAnswer, standingAnswer, type StandingAnswer } from "../memory/standing-answer.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { inheritedSources } from "../recall/inherited-sources.ts";
import { withImages } from "../text/made-images.ts";
import { platformFor } from "../reply/platform-for.ts";

/** A reply, as it stands in its posts. */
interface WrittenReply {
  /** As last saved. */
  readonly turn: Turn;
  readonly covers: readonly MessageId[];
  /** See RememberedMessage. */
  readonly questions: readonly MessageId[] | undefined;
  readonly posts: readonly PostId[];
  readonly again: Reanswer | undefined;
}

/** Memory with the reply: at its end, or in place of the old one. A restored answer stays as it is remembered. */
export async function rememberReply(
  ports: Pick<TurnPorts, "model" | "platforms" | "clock">,
  memory: ConversationMemory,
  reply: WrittenReply,
): Promise<ConversationMemory> {
  const { turn, again } = reply;
  if (turn.answer === undefined) return memory;
  const { countTokens } = ports.model;
  const standing = standingAnswer(memory, again);
  if (standing !== undefined && turn.restored !== undefined) {
    const kept = restoredReply(ports, standing, reply);
    return kept === undefined ? memory : replaceAnswer(memory, standing.old.id, kept, countTokens);
  }
  const given = await replyOf(ports, memory, { ...reply, standing });
  if (again === undefined) return appendReply(memory, given, countTokens);
  const ready = standing === undefined ? memory : forNewAnswer(memory, standing, countTokens);
  return replaceAnswer(ready, again.reply, given, countTokens);
}

/** The old answer in new posts. Undefined: its posts are the same. */
function restoredReply(
  ports: Pick<TurnPorts, "platforms">,
  { old }: StandingAnswer,
  { turn, posts }: WrittenReply,
): ReplyToRemember | undefined {
  const { posts: known = [], answers, questions, text, attachments, saidAtMs, sources = [], turnId } = old;
  if (old.role === "person" || posts.join() === known.join()) return undefined;
  return {
    id: replyIdOf(posts, turn.id),
    role: old.role,
    text,
    attachments,
    answers,
    ...(questions === undefined ? {} : { questions }),
    saidAtMs,
    posts,
    ...permalinkTo(ports, turn, posts),
    sources,
    ...(turnId === undefined ? {} : { turnId }),
  };
}

async function replyOf(
  ports: Pick<TurnPorts, "platforms" | "clock">,
  memory: ConversationMemory,
  {
    turn,
    covers,
    questions,
    posts,
    standing,
  }: WrittenReply & { readonly standing: StandingAnswer | undefined },
): Promise<ReplyToRemember> {
  const { answer = "", answerRole: role = "bot", sources = [], files } = turn;
  // The new answer was written without the old one.
  const others = { ...memory, messages: memory.messages.filter((each) => each !== standing?.old) };
  return {
    id: replyIdOf(posts, turn.id),
    role,
    ...withImages(answer, files),
    answers: covers,
    ...(questions === undefined ? {} : { questions }),
    saidAtMs: ports.clock.nowMs(),
    posts,
    ...permalinkTo(ports, turn, posts),
    sources: [...sources, ...(await inheritedSources(others, answer))],
    turnId: turn.id,
  };
}

function permalinkTo(
  ports: Pick<TurnPorts, "platforms">,
  { replyTo, conversation }: Turn,
  [first]: readonly PostId[],
): Pick<ReplyToRemember, "permalink"> {
  const permalink =
    first === undefined ? undefined : platformFor(ports, replyTo.platform).permalinkOf?.(conversation, first);
  return permalink === undefined ? {} : { permalink };
}
