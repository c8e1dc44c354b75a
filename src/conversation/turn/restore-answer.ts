import type { Turn } from "../../domain/turn.ts";
import { restore, wholeAnswer, type StandingAnswer } from "../memory/standing-answer.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import { oldAnswerStays } from "../text/again-messages.ts";
import { writesNote } from "../text/writes-note.ts";
import { tellPresser } from "../reply/tell-presser.ts";
import { withWrites, type AnswerOfTurn } from "./with-writes.ts";

/** What a turn saves as its answer. */
type SavedAnswer = AnswerOfTurn & Pick<Turn, "restored">;

/** The answer that a turn saves: what it gave, or the old one if it gave only a notice in its place. */
export function answerOrOld(
  given: AnswerOfTurn,
  turn: Pick<Turn, "rounds">,
  standing: StandingAnswer | undefined,
): SavedAnswer {
  if (standing === undefined) return withWrites(given, turn);
  if (given.answerRole !== "notice") return withWrites(wholeAnswer(standing, given), turn);
  const { answer, account } = given;
  const isStopped = account?.outcome === "stopped";
  const line = oldAnswerStays(answer) + writesNote(turn.rounds, true);
  return {
    ...restore(standing, isStopped ? undefined : line),
    ...(account === undefined ? {} : { account }),
  };
}

/** Tells the person who pressed, once, that the old answer stays. Saved first: a second line would be worse than none. */
export async function tellIfRestored(
  ports: Pick<TurnPorts, "platforms" | "log">,
  reply: ReplyWriter,
  { covers, question }: AnswerPlan | LatePlan | StopPlan,
  signal: AbortSignal,
): Promise<void> {
  const { restored, told = [] } = reply.turn;
  if (restored?.line === undefined || covers.some((id) => told.includes(id))) return;
  await reply.saveTurn({ told: [...told, ...covers] }, signal);
  await tellPresser(ports, question.replyTo, restored.line, signal);
}
