import type { Prompt } from "../../domain/prompt.ts";
import { countedModel, type SpendingPorts } from "../usage/counted-model.ts";
import { askModel, type Answer, type AnswerCallbacks } from "./ask-model.ts";

/**
 * Asks the model, charging each call to the prompt's payer against the daily limits first. @throws {LimitError} before a call that would exceed
 * one, {ModelError}, {StoreError}, or the signal's reason.
 */
export function askWithinLimits(
  ports: SpendingPorts,
  { prompt, callbacks }: { readonly prompt: Prompt; readonly callbacks: AnswerCallbacks },
  signal: AbortSignal,
): Promise<Answer> {
  return askModel(countedModel(ports), prompt, callbacks, signal);
}
