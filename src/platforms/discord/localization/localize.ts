import { Locale, type LocalizationMap } from "discord.js";

import { french } from "./french.ts";
import { german } from "./german.ts";
import { japanese } from "./japanese.ts";
import { spanish } from "./spanish.ts";
import type { Translations } from "./translations.ts";

/** By Discord's name of the language: https://docs.discord.com/developers/reference#locales */
const languages: ReadonlyMap<Locale, Translations> = new Map([
  [Locale.German, german],
  [Locale.French, french],
  [Locale.SpanishES, spanish],
  [Locale.SpanishLATAM, spanish],
  [Locale.Japanese, japanese],
]);

/** A text in every language that has it. Empty: it is shown in English to all. */
export function localize(text: string): LocalizationMap {
  const known = [...languages].flatMap(([locale, translations]) => {
    const translated = translations[text];
    return translated === undefined ? [] : [[locale, translated] as const];
  });
  return Object.fromEntries(known);
}
