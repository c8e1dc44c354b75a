import { PlatformError } from "../../ports/platform.ts";
import { notTaken } from "../text/user-messages.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "./plan-turn.ts";
import { notifyUnanswered } from "./notify-unanswered.ts";
import type { TurnPorts } from "./turn-ports.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import type { PostId } from "../../domain/message.ts";

interface Writing {
  readonly reply: ReplyWriter;
  readonly plan: AnswerPlan | LatePlan | StopPlan;
  readonly write: () => Promise<readonly PostId[]>;
}

/**
 * A place that is gone or closed to us can't show the reply, today or tomorrow: the turn finishes without, and the
 * operator is told, and the person alone; where it is the content that is refused, in its place. What may pass (no
 * connection, rate limits) is thrown on.
 */
export async function showOrNotify(
  ports: TurnPorts,
  { reply, plan, write }: Writing,
  signal: AbortSignal,
): Promise<readonly PostId[]> {
  try {
    return await write();
  } catch (error) {
    await reply.settle();
    if (!(error instanceof PlatformError) || error.isPassing) throw error;
    const reference = ports.ids.reference();
    ports.log.error(
      { err: error, kind: error.kind, reference, turn: reply.turn.id },
      "a reply could not be shown",
    );
    if (error.kind === "rejected" && reply.turn.answerRole !== "notice") {
      // Only its content was refused: the person is told in its place.
      await reply.saveTurn({ answer: notTaken(reference), answerRole: "notice", sources: [] }, signal);
      const closing = () => reply.close(reply.turn.answer ?? "", signal);
      return showOrNotify(ports, { reply, plan, write: closing }, signal);
    }
    await notifyUnanswered(ports, { reply, plan, error, reference }, signal);
    return reply.turn.posts.flatMap((post) => post.id ?? []);
  }
}
