import { valuesOf } from "../domain/setting.ts";
import { placeSettings, type PlaceSettings } from "../domain/turn-settings.ts";
import { schemaOf } from "./value-schemas.ts";

/** The settings of all places from the environment. A value that can't be used gives a fault, and its default. */
export function readPlaceSettings(values: Readonly<Record<string, string>>): {
  readonly settings: PlaceSettings;
  /** `NAME: what is wrong and what it may be`. */
  readonly faults: readonly string[];
} {
  const faults: string[] = [];
  const settings = valuesOf(placeSettings, (setting) => {
    const read = schemaOf(setting).safeParse(values[setting.name]);
    if (read.success) return read.data;
    faults.push(...read.error.issues.map(({ message }) => `${setting.name}: ${message}`));
    return setting.fallback;
  });
  return { settings, faults };
}
