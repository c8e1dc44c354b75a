import type { ToolRound } from "../../domain/tool-round.ts";

/** What the model wrote before its calls, as paragraphs. Empty: nothing. */
export function textOf(rounds: readonly ToolRound[]): string {
  return rounds.reduce((text, round) => joinParagraphs(text, round.text), "");
}

/** Adds a paragraph to a text. */
export function joinParagraphs(before: string, more: string): string {
  return before.trim() === "" ? more : `${before.trimEnd()}\n\n${more.trimStart()}`;
}
