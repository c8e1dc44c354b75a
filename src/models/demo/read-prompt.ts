import { textOf } from "../../domain/content.ts";
import type { Prompt } from "../../domain/prompt.ts";

/** Something a person said. */
export interface Line {
  /** Empty for a note of the program. */
  readonly speaker: string;
  readonly text: string;
}

/** The parts of a prompt that the demo model uses. */
export interface Scene {
  readonly question: Line;
  /** Number of messages before the question, including the bot's. */
  readonly earlierCount: number;
  /** What people said before the question, oldest first. */
  readonly earlier: readonly Line[];
}

/** The time above a message, and below the last message. */
const mark = /^\[\p{L}{6,9}, [^\n\]]{1,40}\]\n/u;
const now = /\n\n\[It is now [^\n\]]{1,300}\]$/u;

/** In the web chat, the unnamed person is the reader: "You". */
export function nameForReader(speaker: string, { payer }: Pick<Prompt, "payer">): string {
  return payer.conversation.startsWith("web:") ? speaker.replace(/^User(?=$|,)/u, "You") : speaker;
}

export function readPrompt(prompt: Pick<Prompt, "payer" | "messages">): Scene {
  const { messages } = prompt;
  const before = messages.slice(0, -1);
  const lineFrom = (text: string): Line => {
    const line = readLine(text);
    return { ...line, speaker: nameForReader(line.speaker, prompt) };
  };
  return {
    question: lineFrom(textOf(messages.at(-1)?.content ?? "").replace(now, "")),
    earlierCount: before.length,
    earlier: before
      .filter(({ role }) => role === "person")
      .map(({ content }) => lineFrom(textOf(content)))
      .filter(({ speaker }) => speaker !== ""),
  };
}

/** Splits off the speaker, and the number that some prompts put before it. */
function readLine(text: string): Line {
  const plain = text.replace(mark, "");
  const [, speaker = "", said = plain] = /^(?:\[\d+\] )?([^\n]{1,100}?): (.*)$/su.exec(plain) ?? [];
  return { speaker, text: said };
}
