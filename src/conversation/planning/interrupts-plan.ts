import type { TurnId } from "../../domain/message.ts";
import type { Interruption } from "../../domain/turn.ts";
import { asQuoted } from "../text/quoted-messages.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "./plan.ts";
import { stopsAnswer } from "./stops-answer.ts";

type Running = AnswerPlan | LatePlan | StopPlan;

/** Whether an interruption stops the running answer of a plan. */
export function interruptsPlan(interruption: Interruption, plan: Running, turn: TurnId | undefined): boolean {
  if (plan.kind !== "answer") return false;
  // A command waits for a repeated answer: the question was answered before.
  if (interruption.kind === "command") return plan.again === undefined;
  if (interruption.kind === "stopped") return stopsAnswer(interruption, { turn, said: plan.said });
  return plan.again?.answers.includes(interruption.message) === true || isSaidIn(plan, interruption.message);
}

/** Without messages of apps: an app may edit its post every second. */
function isSaidIn({ said }: AnswerPlan, message: string): boolean {
  return said
    .flatMap(({ quoted, ...each }) => [each, ...(quoted === undefined ? [] : [asQuoted(quoted)])])
    .some(({ id, author }) => id === message && author.isApp !== true);
}
