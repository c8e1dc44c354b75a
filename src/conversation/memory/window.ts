import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { truncate } from "../text/truncate.ts";
import { formatMessage } from "../text/format-message.ts";
import { countDayTokens, markTokens, selectTimed } from "../text/time-marks.ts";
import { undoWithinMs, currentMessages } from "./chapters.ts";
import { type CountTokens, isForModel } from "./remembered-message.ts";
import type { Budget } from "./budget.ts";

/** A message of the window. */
function isInWindow(
  { since, windowFrom }: ConversationMemory,
  { chapter, ordinal }: RememberedMessage,
): boolean {
  return chapter >= since && ordinal >= windowFrom;
}

/** The messages that the next prompt holds word for word, oldest first. */
export function windowOf(memory: ConversationMemory): readonly RememberedMessage[] {
  return memory.messages.filter((message) => isInWindow(memory, message));
}

/** How much the next prompt holds: the window and the summary's lines, with when it was said. */
export function countPromptTokens(memory: ConversationMemory, budget: Budget): number {
  const lines = memory.summary?.lines ?? [];
  const summaryTokens = lines.reduce((sum, { tokens }) => sum + tokens, countDayTokens(lines));
  return summaryTokens + tokensOf(windowOf(memory), budget);
}

/** Whether something should be folded now. */
export function needsSummary(memory: ConversationMemory, budget: Budget): boolean {
  const { summary, leftOut } = memory;
  return (
    summary?.isStale === true ||
    leftOut > 0 ||
    countPromptTokens(memory, budget) > budget.summarizeAboveTokens
  );
}

interface FitOptions {
  readonly budget: Budget;
  readonly countTokens: CountTokens;
  /** The revision that the ledger has. */
  readonly filed: number;
  readonly nowMs: number;
}

/**
 * Fits what is remembered to the budget. When the prompt would be over the budget, the window's oldest messages leave it
 * until it is at the low mark; prompts say how many. What has left the window leaves memory once the ledger has it, but
 * for a chapter that can still be brought back, as far as there is room.
 */
export function fitWindow(memory: ConversationMemory, fitting: FitOptions): ConversationMemory {
  const cut = cutWindow(memory, fitting.budget);
  const { filed, nowMs, budget } = fitting;
  const { closed, ...rest } = cut;
  const isClosedKept = closed !== undefined && nowMs - closed.closedAtMs < undoWithinMs;
  const room = budget.highTokens - tokensOf(windowOf(cut), budget);
  const kept = new Set(
    newestWithin(
      cut.messages.filter((message) => message.chapter < cut.since),
      isClosedKept || cut.erasing !== undefined ? room : 0,
      budget,
    ),
  );
  const messages = cut.messages
    .filter((message) => message.revision > filed || isInWindow(cut, message) || kept.has(message))
    .map((message) => (message.revision > filed ? message : truncateToBudget(message, fitting)));
  return {
    ...rest,
    ...(isClosedKept ? { closed } : {}),
    messages,
    erasures: cut.erasures.filter(({ revision }) => revision > filed),
    edits: cut.edits.filter(({ revision }) => revision > filed),
  };
}

function cutWindow(memory: ConversationMemory, budget: Budget): ConversationMemory {
  let tokens = countPromptTokens(memory, budget);
  if (tokens <= budget.highTokens) return memory;
  let { windowFrom, leftOut } = memory;
  for (const { message, tokens: taken } of promptCosts(windowOf(memory), budget)) {
    if (tokens <= budget.lowTokens) break;
    tokens -= taken;
    windowFrom = message.ordinal + 1;
    if (isForModel(message)) leftOut += 1;
  }
  return { ...memory, windowFrom, leftOut };
}

/** What of these messages fits, the newest first; oldest first again. */
function newestWithin(
  messages: readonly RememberedMessage[],
  room: number,
  budget: Budget,
): readonly RememberedMessage[] {
  let left = room;
  const first = promptCosts(messages, budget).findLastIndex(({ tokens }) => (left -= tokens) < 0);
  return messages.slice(first + 1);
}

/** A message as prompts hold it: one that alone is over the low mark is shortened, with a visible mark. */
export function truncateToBudget(
  message: RememberedMessage,
  { budget, countTokens }: { readonly budget: Pick<Budget, "lowTokens">; readonly countTokens: CountTokens },
): RememberedMessage {
  let { text, tokens } = message;
  while (tokens > budget.lowTokens && text.length > 200) {
    const share = Math.min(0.9, (budget.lowTokens / tokens) * 0.9);
    text = truncate(message.text, Math.max(200, Math.floor(text.length * share)));
    tokens = countTokens(formatMessage({ ...message, text })) + 4;
  }
  return tokens === message.tokens ? message : { ...message, text, tokens };
}

function tokensOf(messages: readonly RememberedMessage[], budget: Budget): number {
  return promptCosts(messages, budget).reduce((sum, { tokens }) => sum + tokens, 0);
}

/** What each message takes of a prompt, with the time that stands before it. */
export function promptCosts(
  messages: readonly RememberedMessage[],
  { lowTokens }: Pick<Budget, "lowTokens">,
): readonly { readonly message: RememberedMessage; readonly tokens: number }[] {
  const timed = selectTimed(messages.filter(isForModel));
  return messages.map((message) => {
    const tokens = Math.min(message.tokens, lowTokens) + (timed.has(message) ? markTokens : 0);
    return { message, tokens };
  });
}

/** How many messages of the current memory prompts hold in no form. */
export function countLeftOut(memory: ConversationMemory): number {
  const { windowFrom, summary } = memory;
  return currentMessages(memory).filter(
    (message) =>
      isForModel(message) && message.ordinal < windowFrom && message.ordinal >= (summary?.upTo ?? 0),
  ).length;
}
