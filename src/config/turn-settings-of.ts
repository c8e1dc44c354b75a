import { createHash } from "node:crypto";

import { buildInstructions } from "../conversation/prompt/build-prompt.ts";
import type { PlaceSettings, TurnSettings } from "../domain/turn-settings.ts";
import type { Model } from "../ports/model.ts";
import { promptBudget } from "./prompt-budget.ts";

/** The web chat knows people by their cookies, and a browser may have any number of them. */
const openPlatforms: ReadonlySet<string> = new Set(["web"]);

/** What follows from the values of a place. `model`: the one that they name. @throws {ConfigError} if prompts get too little room. */
export function turnSettingsOf(
  values: PlaceSettings,
  model: Pick<Model, "name" | "countTokens" | "promptTokens">,
): TurnSettings {
  const instructions = buildInstructions(values.systemPrompt);
  const tools = "all";
  const all = [{ ...values, model: model.name }, instructions, [...openPlatforms], tools];
  return {
    ...values,
    model: model.name,
    settingsVersion: createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 16),
    instructions,
    budget: promptBudget(values, model, instructions),
    limits: { ...values.limits, openPlatforms },
    tools,
  };
}
