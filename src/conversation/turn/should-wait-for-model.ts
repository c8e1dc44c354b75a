import type { ModelError, ModelErrorKind } from "../../ports/model.ts";
import type { AnswerPlan } from "./plan-turn.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** What nobody has to do anything about: the provider is away, overloaded, or breaks off. */
const isPassingKind: Readonly<Record<ModelErrorKind, boolean>> = {
  unreachable: true,
  loading: true,
  "rate-limited": true,
  // Asked twice already: a provider in trouble often begins an answer and does not get through with it.
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
};

/** While it is, the question stays in the inbox: the answer comes when the model is back. */
export function shouldWaitForModel(
  ports: Pick<TurnPorts, "clock" | "answerWithinMs">,
  { askedAtMs }: AnswerPlan,
  error: ModelError,
): boolean {
  const againAtMs = ports.clock.nowMs() + error.retryAfterMs;
  return isPassingKind[error.kind] && againAtMs - askedAtMs < ports.answerWithinMs;
}
