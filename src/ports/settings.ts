import type { SettingsScope, TurnSettings } from "../domain/turn-settings.ts";

/** What the operator has set, for each place and person. */
export interface Settings {
  /** Answers at once, for every scope, and never throws: settings are checked at start. Asked for each message and turn. */
  readonly forTurn: (scope: SettingsScope) => TurnSettings;
}
