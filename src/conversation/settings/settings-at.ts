import type { SettingsScope, TurnSettings } from "../../domain/turn-settings.ts";
import type { Model, Models } from "../../ports/model.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Settings } from "../../ports/settings.ts";

/** The settings of one turn, with the model that they name. */
export interface TurnConditions extends Omit<TurnSettings, "model"> {
  readonly model: Model;
}

/** The place and the person. The author is missing where the bot does something by itself. */
export type TurnScope = Omit<SettingsScope, "installation">;

/** Answers at once, and never throws. */
export type SettingsAt = (scope: TurnScope) => TurnConditions;

/** The core's only way to its settings: each question names the installation of its place. */
export function settingsAtWith(ports: {
  readonly settings: Settings;
  readonly models: Models;
  /** By name. */
  readonly platforms: ReadonlyMap<string, Pick<Platform, "installationOf">>;
}): SettingsAt {
  const { settings, models, platforms } = ports;
  return ({ platform, place, author }) => {
    const installation = platforms.get(platform)?.installationOf?.(place);
    const found = settings.forTurn({
      platform,
      ...(installation === undefined ? {} : { installation }),
      place,
      ...(author === undefined ? {} : { author }),
    });
    return { ...found, model: models.named(found.model) };
  };
}
