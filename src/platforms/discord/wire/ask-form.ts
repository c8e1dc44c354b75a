import type { Locale } from "discord.js";

import { localize } from "../localization/localize.ts";
import { modal } from "./action-form.ts";
import type { FirstResponse } from "./first-response.ts";

const prefix = "threadkeeper:ask:";
const maxQuestionChars = 2_000;
/** By their English form: see localization. */
export const askFormTexts = {
  title: "Ask about this",
  label: "Your question",
  whenEmpty: "Explain this message.",
} as const;

/** What a form asks about. It holds no text of the message: its id has 100 characters. */
export interface AskedAbout {
  /** See ChosenMessages. */
  readonly id: string;
  /** The last part of the conversation's key. */
  readonly topic: string;
}

/** Opens the form for a question, in the person's language. An empty question asks for an explanation. */
export function openAskForm({ id, topic }: AskedAbout, locale: Locale): FirstResponse {
  return modal({
    id: `${prefix}${id}:${topic}`,
    title: inLanguage(askFormTexts.title, locale),
    label: inLanguage(askFormTexts.label, locale),
    placeholder: questionWhenEmpty(locale),
    maxChars: maxQuestionChars,
  });
}

/** Undefined: it is another form. */
export function parseAskForm(customId: string): AskedAbout | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [id = "", topic = ""] = customId.slice(prefix.length).split(":");
  return { id, topic };
}

/** What an empty question asks, in the person's language. */
export function questionWhenEmpty(locale: Locale): string {
  return inLanguage(askFormTexts.whenEmpty, locale);
}

function inLanguage(text: string, locale: Locale): string {
  return localize(text)[locale] ?? text;
}
