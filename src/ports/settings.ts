import type { SettingsScope, TurnSettings } from "../domain/turn-settings.ts";

/** What the operator has set, for each place and person. */
export interface Settings {
  /** Answers at once, for every scope, and never throws: settings are checked at start. Asked for each message and turn. */
  readonly forTurn: (scope: SettingsScope) => TurnSettings;
  /** The longest `retentionDays` that any scope has; 0 if one keeps everything. Older messages are of no use to any turn. */
  readonly longestRetentionDays: number;
}
