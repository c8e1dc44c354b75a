import type { MessageId, PostId } from "../../domain/message.ts";
import { isOrdered } from "../../domain/ordered-message.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Reanswer } from "../memory/reanswer.ts";
import type { StandingAnswer } from "../memory/standing-answer.ts";
import type { AnswerPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { tellPresser } from "../reply/tell-presser.ts";
import { settleImages } from "./settle-images.ts";
import type { TurnStart } from "./turn-start.ts";

/** A reply whose posts are written. */
interface WrittenAnswer {
  /** As last saved. */
  readonly turn: Turn;
  readonly posts: readonly PostId[];
  /** Undefined: the questions are answered for the first time. */
  readonly again: Reanswer | undefined;
  readonly standing: StandingAnswer | undefined;
}

/**
 * Before the finish of an answer, because a crash after it would lose this: has the images of the reply kept where nothing
 * else keeps them, and tells a person whose command asked. @throws {StaleLeaseError}, {StoreError}
 */
export async function settleAnswer(
  ports: TurnPorts,
  start: TurnStart,
  { turn, posts, again, standing }: WrittenAnswer,
  signal: AbortSignal,
): Promise<void> {
  await settleImages(ports, start, { turn, posts, replaces: replacedBy(turn, again, standing) }, signal);
  if (again === undefined) await tellWhoOrdered(ports, start.plan, signal);
}

/** The reply of which nothing stays. */
function replacedBy(
  { restored }: Turn,
  again: Reanswer | undefined,
  standing: StandingAnswer | undefined,
): MessageId | undefined {
  const isNew = restored === undefined && (standing === undefined || standing.beginning === "");
  return isNew ? again?.reply : undefined;
}

/** The platform shows the person of a command a private "working" state until something answers it. */
async function tellWhoOrdered(
  ports: TurnPorts,
  { question: { message, replyTo } }: Pick<AnswerPlan, "question">,
  signal: AbortSignal,
): Promise<void> {
  if (isOrdered(message.id) && replyTo.expiresAtMs !== undefined)
    await tellPresser(ports, replyTo, "Posted for everyone here.", signal);
}
