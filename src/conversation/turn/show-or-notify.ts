import { PlatformError } from "../../ports/platform-error.ts";
import { restore, type StandingAnswer } from "../memory/standing-answer.ts";
import { oldAnswerStays } from "../text/again-messages.ts";
import { notTaken } from "../text/user-messages.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import { notifyUnanswered } from "../recovery/notify-unanswered.ts";
import { withWrites } from "./with-writes.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { ReplyWriter, TurnChange } from "../reply/reply-writer.ts";
import type { PostId } from "../../domain/message.ts";

interface Writing {
  readonly reply: ReplyWriter;
  readonly plan: AnswerPlan | LatePlan | StopPlan;
  readonly write: () => Promise<readonly PostId[]>;
  /** Stays if the new answer can't be shown. */
  readonly standing: StandingAnswer | undefined;
}

/**
 * Writes a reply, and returns its posts. If the place is gone or closed to the bot, the turn finishes without the reply: the
 * operator gets a log line, and the person a private one. If the content is rejected, a notice is posted in its place.
 * @throws {PlatformError} if it may pass (unreachable, rate limits).
 */
export async function showOrNotify(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  { reply, plan, write, standing }: Writing,
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
      "could not post a reply; check the bot's access to the place",
    );
    const instead = insteadOf({ reply, standing, error, reference });
    if (instead !== undefined) await reply.saveTurn(instead, signal);
    if (error.kind === "rejected" && instead !== undefined) {
      const closing = () => reply.close(reply.turn.answer ?? "", signal);
      return showOrNotify(ports, { reply, plan, standing, write: closing }, signal);
    }
    await notifyUnanswered(ports, { reply, plan, error, reference }, signal);
    return reply.posts;
  }
}

/** What takes the place of an answer that can't be posted. Undefined: nothing can. */
function insteadOf({
  reply: { turn },
  standing,
  error,
  reference,
}: Pick<Writing, "reply" | "standing"> & {
  readonly error: PlatformError;
  readonly reference: string;
}): TurnChange | undefined {
  const isRejected = error.kind === "rejected";
  if (standing !== undefined) {
    const line = isRejected ? oldAnswerStays(notTaken(reference)) : undefined;
    return turn.restored === undefined ? restore(standing, line) : undefined;
  }
  // Only the content was rejected, so a notice can take its place.
  if (!isRejected || turn.answerRole === "notice") return undefined;
  return withWrites({ answer: notTaken(reference), answerRole: "notice", sources: [] }, turn);
}
