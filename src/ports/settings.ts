import type { SettingsScope, TurnSettings } from "../domain/turn-settings.ts";

/** What the operator has set, for each place and person. */
export interface Settings {
  /** Answers from memory, for every scope, and never throws: settings are checked at start. */
  readonly forTurn: (scope: SettingsScope) => TurnSettings;
}
