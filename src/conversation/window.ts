import type { Recollection, RememberedMessage } from "../domain/recollection.ts";
import { shorten } from "./shorten.ts";
import { spokenText } from "./spoken-text.ts";

/** How many tokens the messages of a prompt may have. */
export interface Budget {
  /** Never exceeded. */
  readonly highTokens: number;
  /** Where a cut goes down to. */
  readonly lowTokens: number;
}

/** Cuts go to 60 %: providers bill a repeated beginning at a tenth, and every cut breaks the repetition. */
export function budgetOf(promptTokens: number): Budget {
  return { highTokens: promptTokens, lowTokens: Math.floor(promptTokens * 0.6) };
}

/**
 * Fits what is remembered to the budget: a message that alone is over the low mark is shortened with a visible mark,
 * and when the chapter is over the high mark its oldest messages leave until it is at the low mark.
 * What is left of earlier chapters goes first.
 */
export function fitWindow(
  recollection: Recollection,
  budget: Budget,
  countTokens: (text: string) => number,
): Recollection {
  const messages = recollection.messages.map((message) => fitMessage(message, budget.lowTokens, countTokens));
  const earlier = messages.filter((message) => message.chapter !== recollection.chapter);
  const current = messages.filter((message) => message.chapter === recollection.chapter);
  const kept = newest(current, budget);
  const room = Math.max(0, budget.highTokens - tokensOf(kept));
  return {
    ...recollection,
    messages: [...newest(earlier, { highTokens: room, lowTokens: room }), ...kept],
    leftOut: recollection.leftOut + countSpoken(current) - countSpoken(kept),
  };
}

function newest(messages: readonly RememberedMessage[], budget: Budget): readonly RememberedMessage[] {
  let tokens = tokensOf(messages);
  if (tokens <= budget.highTokens) return messages;
  let first = 0;
  while (first < messages.length && tokens > budget.lowTokens) {
    tokens -= messages[first]?.tokens ?? 0;
    first += 1;
  }
  return messages.slice(first);
}

function fitMessage(
  message: RememberedMessage,
  maxTokens: number,
  countTokens: (text: string) => number,
): RememberedMessage {
  let { text, tokens } = message;
  while (tokens > maxTokens && text.length > 200) {
    const share = Math.min(0.9, (maxTokens / tokens) * 0.9);
    text = shorten(message.text, Math.max(200, Math.floor(text.length * share)));
    tokens = countTokens(spokenText({ ...message, text })) + 4;
  }
  return tokens === message.tokens ? message : { ...message, text, tokens };
}

function tokensOf(messages: readonly RememberedMessage[]): number {
  return messages.reduce((sum, message) => sum + message.tokens, 0);
}

function countSpoken(messages: readonly RememberedMessage[]): number {
  return messages.filter((message) => message.role !== "notice").length;
}
