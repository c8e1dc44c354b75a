import type { Prompt, ToolCall } from "../../domain/prompt.ts";
import { contentWords } from "./find-lines.ts";
import { quote } from "./quote.ts";
import { nameForReader } from "./read-prompt.ts";

const maxWords = 6;
const maxQuoted = 3;
const opening = /\b(?:what|who|anything|remember)\b/iu;
const saidAbout = /\bsa(?:y|id) about (.+)/isu;
const wishes = [/\bdo you (?:still )?remember (.+)/isu, /^\s*(?:please )?recall (.+)/isu];

/** A call of `recall`, if the question clearly asks for one and nothing was called yet. */
export function recallCall({ tools = [], calls = [] }: Prompt, question: string): ToolCall | undefined {
  if (calls.length > 0 || !tools.some(({ name }) => name === "recall")) return undefined;
  const opened = question.slice(opening.exec(question)?.index ?? question.length);
  const about = [saidAbout.exec(opened), ...wishes.map((wish) => wish.exec(question))].find(
    (found) => found !== null,
  )?.[1];
  const words = contentWords(about ?? "").slice(0, maxWords);
  if (words.length === 0) return undefined;
  return { id: "recall-1", name: "recall", argument: JSON.stringify({ words: words.join(" ") }) };
}

/** The result of a search. */
export interface RecallResult {
  /** Markdown. */
  readonly text: string;
  readonly isFound: boolean;
}

/** Quotes the results with their numbers. Undefined if nothing was called. */
export function recallResult(prompt: Pick<Prompt, "payer" | "calls">): RecallResult | undefined {
  const [first] = prompt.calls ?? [];
  if (first === undefined) return undefined;
  const quotations = Array.from(
    first.result.matchAll(/^\[(\d+)\] (.{1,240}?): (.+)$/gmu),
    ([, number = "", speaker = "", text = ""]) => {
      const who = nameForReader(speaker, prompt);
      return { who, line: `- ${who}: ${quote(text, 200)} [${number}]` };
    },
  );
  // Our own answers only repeat what people said.
  const found = quotations.filter(({ who }) => !who.startsWith("Threadkeeper,"));
  if (found.length > 0) {
    const lines = found.slice(0, maxQuoted).map(({ line }) => line);
    return { text: `I looked it up:\n\n${lines.join("\n")}`, isFound: true };
  }
  const isAway = first.result.startsWith("Error");
  const text = isAway ? "I tried to look it up, but couldn't." : "I looked it up, but found nothing.";
  return { text, isFound: false };
}
