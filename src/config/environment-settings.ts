import { createHash } from "node:crypto";

import { buildInstructions } from "../conversation/prompt/build-prompt.ts";
import type { TurnSettings } from "../domain/turn-settings.ts";
import type { Model } from "../ports/model.ts";
import type { Settings } from "../ports/settings.ts";
import { answerLimits, spendingLimits, type Config } from "./config.ts";
import { promptBudget } from "./prompt-budget.ts";

/** The settings from the environment, the same for every place and person. @throws {ConfigError} if prompts get too little room. */
export function environmentSettings(
  config: Config,
  model: Pick<Model, "name" | "countTokens" | "promptTokens">,
): Settings {
  const instructions = buildInstructions(config.SYSTEM_PROMPT);
  const limits = spendingLimits(config);
  const retentionDays = config.RETENTION_DAYS;
  const budget = promptBudget(config, model, instructions);
  const { openPlatforms, ...counted } = limits;
  const replyMode = config.REPLY_MODE;
  const shown = [model.name, config.CONTEXT_TOKENS, instructions, counted, [...openPlatforms]];
  const forAnswer = answerLimits(config);
  const all = [...shown, retentionDays, replyMode, forAnswer];
  const settingsVersion = createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 16);
  const settings: TurnSettings = {
    settingsVersion,
    instructions,
    budget,
    limits,
    tools: "all",
    answerLimits: forAnswer,
    replyMode,
    retentionDays,
  };
  return { forTurn: () => settings };
}
