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

/** On our own page a person without a name writes to the bot alone, and reads the answer. */
export function nameForReader(speaker: string, { conversation }: Pick<Prompt, "conversation">): string {
  return conversation.startsWith("web:") ? speaker.replace(/^User(?=$|,)/u, "You") : speaker;
}

export function readPrompt(prompt: Pick<Prompt, "conversation" | "messages">): Scene {
  const { messages } = prompt;
  const before = messages.slice(0, -1);
  const lineFrom = (text: string): Line => {
    const line = readLine(text);
    return { ...line, speaker: nameForReader(line.speaker, prompt) };
  };
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
function readLine(text: string): Line {
  const plain = text.replace(mark, "");
  const [, speaker = "", said = plain] = /^(?:\[\d+\] )?([^\n]{1,100}?): (.*)$/su.exec(plain) ?? [];
  return { speaker, text: said };
}
