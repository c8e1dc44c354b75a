/** The languages that a person can have answers in, by code: the name in English, and as its speakers write it. */
export const languages = {
  en: { name: "English", ownName: "English" },
  de: { name: "German", ownName: "Deutsch" },
  fr: { name: "French", ownName: "Français" },
  es: { name: "Spanish", ownName: "Español" },
  pt: { name: "Portuguese", ownName: "Português" },
  it: { name: "Italian", ownName: "Italiano" },
  nl: { name: "Dutch", ownName: "Nederlands" },
  pl: { name: "Polish", ownName: "Polski" },
  ja: { name: "Japanese", ownName: "日本語" },
  zh: { name: "Simplified Chinese", ownName: "简体中文" },
  ko: { name: "Korean", ownName: "한국어" },
} as const;

export const lengths = ["normal", "short", "detailed"] as const;

/** `question`: the language of the question. */
type LanguageChoice = keyof typeof languages | "question";
type LengthChoice = (typeof lengths)[number];

/** How a person wants to be answered, wherever they ask. */
export interface Preferences {
  readonly language: LanguageChoice;
  readonly length: LengthChoice;
}

/** Of a person who has chosen nothing. */
export const defaultPreferences: Preferences = { language: "question", length: "normal" };

export function isLanguageChoice(word: string): word is LanguageChoice {
  return word === "question" || Object.hasOwn(languages, word);
}

export function isLengthChoice(word: string): word is LengthChoice {
  return lengths.some((each) => each === word);
}
