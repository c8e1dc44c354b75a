import { environment } from "./environment.ts";

/** One line of a thread, as it lies in the history and goes to the model. */
export interface Line {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** Every contestant sends the newest messages of the thread, so many at most, the question included. */
export const { historyLength } = environment;

/** The request that every contestant makes. */
export function promptOf(
  lines: readonly Line[],
): readonly ({ readonly role: "system"; readonly content: string } | Line)[] {
  return [
    { role: "system", content: "You are a helpful teammate in a Slack channel. Answer briefly." },
    ...lines,
  ];
}

/** The text without the mention that it begins with. */
export function withoutMention(text: string): string {
  return text.replace(/^\s*<@[A-Z0-9]+>\s*/u, "");
}
