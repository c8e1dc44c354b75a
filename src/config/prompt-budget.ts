import { ConfigError } from "./config.ts";
import { nowTokens } from "../conversation/text/time-marks.ts";
import type { Model } from "../ports/model.ts";
import { liveBudget } from "../conversation/memory/budget.ts";
import type { Budget } from "../domain/budget.ts";
import type { PlaceSettings } from "../domain/turn-settings.ts";

const minPromptTokens = 200;

/** The tokens that CONTEXT_TOKENS and the model's server leave for a conversation. @throws {ConfigError} if these are too few. */
export function promptBudget(
  { contextTokens }: Pick<PlaceSettings, "contextTokens">,
  model: Pick<Model, "countTokens" | "promptTokens">,
  instructions: string,
): Budget {
  const instructionTokens = model.countTokens(instructions);
  const left = contextTokens - instructionTokens - nowTokens;
  if (left < minPromptTokens) {
    const least = instructionTokens + nowTokens + minPromptTokens;
    throw new ConfigError([
      `CONTEXT_TOKENS: ${contextTokens} is too little: the instructions take ${instructionTokens}, and a conversation needs ${least - instructionTokens}. Set it to at least ${least}, or shorten SYSTEM_PROMPT`,
    ]);
  }
  const taken = (): number => (model.promptTokens?.() ?? Infinity) - instructionTokens - nowTokens;
  return liveBudget(() => Math.max(minPromptTokens, Math.min(left, taken())), contextTokens);
}
