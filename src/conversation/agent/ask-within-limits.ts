import type { Prompt } from "../../domain/prompt.ts";
import { countedModel, type Payer, type SpendingPorts } from "../usage/counted-model.ts";
import { askModel, type Answer, type AnswerCallbacks } from "./ask-model.ts";

/**
 * Asks the model, with each of its calls counted against the limits of the day before it is made.
 * @throws {LimitError} and then the call that would pass one was not made, {ModelError}, {StoreError}, or the signal's reason.
 */
export function askWithinLimits(
  ports: SpendingPorts,
  payer: Payer,
  { prompt, asking }: { readonly prompt: Prompt; readonly asking: AnswerCallbacks },
  signal: AbortSignal,
): Promise<Answer> {
  return askModel(countedModel(ports, payer), prompt, asking, signal);
}
