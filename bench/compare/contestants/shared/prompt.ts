/** One line of a thread, as it lies in the history and goes to the model. */
export interface Line {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** Every contestant sends this many messages of history, the question included. */
export const historyLength = 20;

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
