import type { Prompt } from "../../../src/domain/prompt.ts";
import { ScriptedModel } from "./scripted-model.ts";

/**
 * Looks these words up when somebody says LOOK, and answers with what is made of the quotations. QUOTE has it repeat
 * the first thing that it sees, REPEAT the last one before. Keeps every line of what it is to summarise.
 */
export function looker(answer: (found: string) => string, words = "my secret"): ScriptedModel {
  const model = new ScriptedModel(async function* (prompt) {
    const { calls = [], messages } = prompt;
    const asked = messages.at(-1)?.text ?? "";
    if (isSummaryRequest(prompt)) yield everyLineOf(messages.map(({ text }) => text).join("\n"));
    else if (calls.length > 0) yield answer(calls.map(({ result }) => result).join("\n"));
    else if (asked.includes("QUOTE")) yield `It was said: ${messages[0]?.text}`;
    else if (asked.includes("REPEAT")) yield `As I said: ${messages.at(-2)?.text.split("\n")[0]}`;
    else yield "Noted.";
  });
  model.calls = ({ calls = [], messages }) =>
    calls.length === 0 && messages.at(-1)?.text.includes("LOOK") === true
      ? [{ id: "c1", name: "recall", argument: JSON.stringify({ words }) }]
      : [];
  return model;
}

/** Whether the model is to summarise, and not to answer. */
export function isSummaryRequest({ purpose }: Pick<Prompt, "purpose">): boolean {
  return purpose === "summary";
}

/** A summary that leaves nothing out. */
export function everyLineOf(text: string): string {
  return Array.from(
    text.matchAll(/\[(\d+)\] ([^\n]*)/gu),
    ([, number, line]) => `- ${line} [${number}]`,
  ).join("\n");
}
