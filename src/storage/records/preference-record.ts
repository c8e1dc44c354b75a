import {
  defaultPreferences,
  isLanguageChoice,
  isLengthChoice,
  type Preferences,
} from "../../domain/preferences.ts";

/** Reads what is stored for one person. Whatever is missing, or no choice of this version, has its default. */
export function preferencesIn({
  language,
  length,
}: Readonly<Record<"language" | "length", unknown>>): Preferences {
  const chosen = {
    language:
      typeof language === "string" && isLanguageChoice(language) ? language : defaultPreferences.language,
    length: typeof length === "string" && isLengthChoice(length) ? length : defaultPreferences.length,
  };
  const isDefault =
    chosen.language === defaultPreferences.language && chosen.length === defaultPreferences.length;
  // One object for almost everyone: they are held for thousands of people.
  return isDefault ? defaultPreferences : chosen;
}
