import type { AnswerLimits } from "../../domain/answer-limits.ts";
import type { Prompt } from "../../domain/prompt.ts";
import { ModelError } from "../../ports/model.ts";
import { countedModel, type SpendingPorts } from "../usage/counted-model.ts";
import { runAgent, type Answer } from "./run-agent.ts";

/** For a model that calls tools although it was offered none. */
const limits: AnswerLimits = { rounds: 3, ms: 0, tokens: 0 };

/**
 * Asks the model without tools, charging each call to the prompt's payer against the daily limits first. @throws
 * {LimitError} before a call that would exceed one, {ModelError}, {StoreError}, or the signal's reason.
 */
export async function askWithinLimits(
  ports: SpendingPorts,
  prompt: Prompt,
  signal: AbortSignal,
): Promise<Answer> {
  for await (const event of runAgent(countedModel(ports), { prompt, rounds: [], limits }, signal)) {
    if (event.kind === "done") return event;
  }
  throw new ModelError("empty", "The model gave no answer");
}
