import { languages, type Preferences } from "../../domain/preferences.ts";

const lengthNotes = {
  normal: undefined,
  short: "Keep the answer short: a few sentences at most, unless more is asked for.",
  detailed: "Answer in detail.",
} as const;

/** Tells the model how the asker wants to be answered. Undefined: as everyone is. */
export function preferenceNote({ language, length }: Preferences): string | undefined {
  const notes = [
    ...(language === "question"
      ? []
      : [
          `Answer in ${languages[language].name}, whatever language the message is in, unless it asks for another.`,
        ]),
    ...(lengthNotes[length] === undefined ? [] : [lengthNotes[length]]),
  ];
  return notes.length === 0 ? undefined : `[How the person who asks has set the chat: ${notes.join(" ")}]`;
}
