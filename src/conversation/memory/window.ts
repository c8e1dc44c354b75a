import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { CountTokens } from "./append.ts";
import { currentMessages, isForModel } from "./append.ts";
import { truncate } from "../text/truncate.ts";
import { formatMessage } from "../text/format-message.ts";
import { dayTokensOf, markTokens, timedAmong } from "../text/time-marks.ts";
import { undoWithinMs } from "./chapters.ts";

/** How many tokens a prompt may have beside its instructions. */
export interface Budget {
  /** Never exceeded. */
  readonly highTokens: number;
  /** From here on the oldest messages are folded into the summary, in the background. */
  readonly summarizeAboveTokens: number;
  /** Where a fold or a cut takes the window down to. */
  readonly lowTokens: number;
  /** For the lines of the summary. */
  readonly summaryTokens: number;
}

/**
 * Cuts go down deep: providers bill a repeated beginning at a tenth, and every cut breaks the repetition. Between the
 * fold's mark and the budget there is room for what is said while the model folds.
 */
export function budgetOf(promptTokens: number, contextTokens = promptTokens): Budget {
  return {
    highTokens: promptTokens,
    summarizeAboveTokens: Math.floor(promptTokens * 0.85),
    lowTokens: Math.floor(promptTokens * 0.35),
    summaryTokens: Math.min(Math.floor(contextTokens / 5), Math.floor(promptTokens * 0.4)),
  };
}

/** The budget as it is now: a server may say at any time that it takes less. */
export function liveBudget(promptTokens: () => number, contextTokens: number): Budget {
  const now = (): Budget => budgetOf(promptTokens(), contextTokens);
  return {
    get highTokens() {
      return now().highTokens;
    },
    get summarizeAboveTokens() {
      return now().summarizeAboveTokens;
    },
    get lowTokens() {
      return now().lowTokens;
    },
    get summaryTokens() {
      return now().summaryTokens;
    },
  };
}

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
export function promptTokensOf(memory: ConversationMemory, budget: Budget): number {
  const lines = memory.summary?.lines ?? [];
  const summaryTokens = lines.reduce((sum, { tokens }) => sum + tokens, dayTokensOf(lines));
  return summaryTokens + tokensOf(windowOf(memory), budget);
}

/** Whether something should be folded now. */
export function needsSummary(memory: ConversationMemory, budget: Budget): boolean {
  const { summary, leftOut } = memory;
  return (
    summary?.isStale === true || leftOut > 0 || promptTokensOf(memory, budget) > budget.summarizeAboveTokens
  );
}

interface Fitting {
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
export function fitWindow(memory: ConversationMemory, fitting: Fitting): ConversationMemory {
  const cut = cutWindow(memory, fitting.budget);
  const { filed, nowMs, budget } = fitting;
  const { closed, ...rest } = cut;
  const isClosedKept = closed !== undefined && nowMs - closed.closedAtMs < undoWithinMs;
  const room = budget.highTokens - tokensOf(windowOf(cut), budget);
  const kept = new Set(
    newest(
      cut.messages.filter((message) => message.chapter < cut.since),
      isClosedKept || cut.erasing !== undefined ? room : 0,
      budget,
    ),
  );
  const messages = cut.messages
    .filter((message) => message.revision > filed || isInWindow(cut, message) || kept.has(message))
    .map((message) => (message.revision > filed ? message : shortened(message, fitting)));
  return {
    ...rest,
    ...(isClosedKept ? { closed } : {}),
    messages,
    erasures: cut.erasures.filter(({ revision }) => revision > filed),
    edits: cut.edits.filter(({ revision }) => revision > filed),
  };
}

function cutWindow(memory: ConversationMemory, budget: Budget): ConversationMemory {
  let tokens = promptTokensOf(memory, budget);
  if (tokens <= budget.highTokens) return memory;
  let { windowFrom, leftOut } = memory;
  for (const { message, tokens: taken } of withCosts(windowOf(memory), budget)) {
    if (tokens <= budget.lowTokens) break;
    tokens -= taken;
    windowFrom = message.ordinal + 1;
    if (isForModel(message)) leftOut += 1;
  }
  return { ...memory, windowFrom, leftOut };
}

/** What of these messages fits, the newest first; oldest first again. */
function newest(
  messages: readonly RememberedMessage[],
  room: number,
  budget: Budget,
): readonly RememberedMessage[] {
  let left = room;
  const first = withCosts(messages, budget).findLastIndex(({ tokens }) => (left -= tokens) < 0);
  return messages.slice(first + 1);
}

/** A message as prompts hold it: one that alone is over the low mark is shortened, with a visible mark. */
export function shortened(
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
  return withCosts(messages, budget).reduce((sum, { tokens }) => sum + tokens, 0);
}

/** What each message takes of a prompt, with the time that stands before it. */
export function withCosts(
  messages: readonly RememberedMessage[],
  { lowTokens }: Pick<Budget, "lowTokens">,
): readonly { readonly message: RememberedMessage; readonly tokens: number }[] {
  const timed = timedAmong(messages.filter(isForModel));
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
