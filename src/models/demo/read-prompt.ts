import type { Prompt } from "../../domain/prompt.ts";

/** Something a person said. */
export interface Line {
  /** Empty for a note in the prompt that nobody said. */
  readonly speaker: string;
  readonly text: string;
}

/** What the demo model sees in a prompt. */
export interface Scene {
  readonly question: Line;
  /** How many messages stand before the question, the bot's own among them. */
  readonly earlierCount: number;
  /** What people said before the question, oldest first. */
  readonly earlier: readonly Line[];
}

/** The time above a message, and below the last one. */
const mark = /^\[\p{L}{6,9}, [^\n\]]{1,40}\]\n/u;
const now = /\n\n\[It is now [^\n\]]{1,300}\]$/u;

export function readPrompt({ messages }: Prompt): Scene {
  const before = messages.slice(0, -1);
  return {
    question: lineFrom((messages.at(-1)?.text ?? "").replace(now, "")),
    earlierCount: before.length,
    earlier: before
      .filter(({ role }) => role === "person")
      .map(({ text }) => lineFrom(text))
      .filter(({ speaker }) => speaker !== ""),
  };
}

/** A person's text has its speaker before it, and in some prompts its number before that. */
function lineFrom(text: string): Line {
  const plain = text.replace(mark, "");
  const [, speaker = "", said = plain] = /^(?:\[\d+\] )?([^\n]{1,100}?): (.*)$/su.exec(plain) ?? [];
  return { speaker, text: said };
}
