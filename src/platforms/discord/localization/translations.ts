/** The texts of commands and their options in another language, by the English ones. What has none is shown in English. */
export type Translations = Readonly<Record<string, string>>;
