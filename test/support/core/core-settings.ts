import type { CoreSettings } from "../../../src/conversation/open-core.ts";
import { budgetOf } from "../../../src/conversation/memory/budget.ts";
import { defaultsOf } from "../../../src/domain/setting.ts";
import { placeSettings, type SettingsScope, type TurnSettings } from "../../../src/domain/turn-settings.ts";
import { noLimits } from "./no-limits.ts";

interface Options extends Partial<Omit<TurnSettings, "budget">>, Partial<Omit<CoreSettings, "settings">> {
  readonly contextTokens?: number;
  /** What differs from the rest in one place, or for one person. */
  readonly changed?: (scope: SettingsScope) => Partial<TurnSettings>;
}

/** Settings for tests, the same for each turn unless `changed` says otherwise. */
export function coreSettings(options: Options = {}): CoreSettings {
  const { contextTokens = 4_000, changed = () => ({}), ...given } = options;
  const turn: TurnSettings = {
    ...defaultsOf(placeSettings),
    contextTokens,
    settingsVersion: "1",
    instructions: "Be kind.",
    budget: budgetOf(contextTokens),
    limits: noLimits,
    tools: "all",
    ...given,
  };
  return {
    settings: {
      forTurn: (scope) => ({ ...turn, ...changed(scope) }),
      longestRetentionDays: turn.retentionDays,
    },
    timeZone: "UTC",
    answerWithinMs: 3_600_000,
    forgetUndoHours: 24,
    titleMs: 60_000,
    ...given,
  };
}
