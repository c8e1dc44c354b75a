import type { ModelError, ModelErrorKind } from "../../ports/model.ts";
import type { AnswerPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** Kinds that pass without any action: the provider is unreachable, overloaded, or breaks off. */
const isPassingKind: Readonly<Record<ModelErrorKind, boolean>> = {
  unreachable: true,
  loading: true,
  "rate-limited": true,
  // A provider in trouble often starts an answer and breaks off. The model has retried already.
  stalled: true,
  "cut-off": true,
  "out-of-quota": false,
  "bad-key": false,
  "credit-too-small": false,
  "daily-quota": false,
  "not-allowed": false,
  unverified: false,
  region: false,
  "unknown-model": false,
  "not-installed": false,
  "not-a-model": false,
  refused: false,
  "context-too-long": false,
  rejected: false,
  empty: false,
  "only-calls": false,
  "out-of-time": false,
};

/** Whether the question should stay in the inbox until the model is reachable again. */
export function shouldWaitForModel(
  ports: Pick<TurnPorts, "clock" | "answerWithinMs">,
  { askedAtMs }: AnswerPlan,
  error: ModelError,
): boolean {
  const againAtMs = ports.clock.nowMs() + error.retryAfterMs;
  return isPassingKind[error.kind] && againAtMs - askedAtMs < ports.answerWithinMs;
}
