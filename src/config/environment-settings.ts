import type { PlaceSettings } from "../domain/turn-settings.ts";
import type { Models } from "../ports/model.ts";
import type { Settings } from "../ports/settings.ts";
import { turnSettingsOf } from "./turn-settings-of.ts";

/** The same settings for every place and person. @throws {ConfigError} if prompts get too little room. */
export function environmentSettings(values: PlaceSettings, models: Models): Settings {
  const settings = turnSettingsOf(values, models.named(values.model));
  return { forTurn: () => settings, longestRetentionDays: values.retentionDays };
}
