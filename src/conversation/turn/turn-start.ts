import type { Lease, Turn } from "../../domain/turn.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import type { Remembered } from "../remembering/next-memory.ts";

/** A turn and everything that it starts from. */
export interface TurnStart {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly plan: AnswerPlan | LatePlan | StopPlan;
  /** No earlier attempt has written anything. */
  readonly isFirstAttempt: boolean;
  /** Memory with the plan applied. */
  readonly remembered: Remembered;
}
