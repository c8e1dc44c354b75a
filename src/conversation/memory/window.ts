import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { truncate } from "../text/truncate.ts";
import { formatContent } from "../text/format-message.ts";
import { countDayTokens, markTokens, selectTimed } from "../text/time-marks.ts";
import { undoWithinMs, currentMessages } from "./chapters.ts";
import { type CountTokens, isForModel } from "./remembered-message.ts";
import type { Budget } from "../../domain/budget.ts";

/** Whether the window holds the message. */
function isInWindow(
  { since, windowFrom }: ConversationMemory,
  { chapter, ordinal }: RememberedMessage,
): boolean {
  return chapter >= since && ordinal >= windowFrom;
}

/**
 * The window: the messages that the next prompt holds verbatim, oldest first. They are those of the current chapters from
 * `windowFrom` on, so the window only moves when `fitWindow` cuts it or a summary is applied. Linear in memory's messages.
 */
export function windowOf(memory: ConversationMemory): readonly RememberedMessage[] {
  return memory.messages.filter((message) => isInWindow(memory, message));
}

/** Tokens of the next prompt without instructions: window and summary, with their time marks. */
export function countPromptTokens(memory: ConversationMemory, budget: Budget): number {
  const lines = memory.summary?.lines ?? [];
  const summaryTokens = lines.reduce((sum, { tokens }) => sum + tokens, countDayTokens(lines));
  return summaryTokens + tokensOf(windowOf(memory), budget);
}

/** Whether to summarize now: the summary is stale, messages are left out of prompts, or the prompt is too long. */
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
  /** Everything up to this revision is in the archive. */
  readonly syncedRevision: number;
  readonly nowMs: number;
}

/**
 * Fits the memory to the budget; runs at the end of every turn. If the prompt would exceed `highTokens`, the oldest
 * messages leave the window until the prompt is down to `lowTokens`, and are counted in `leftOut`.
 *
 * Messages outside the window leave memory once the archive has them. A closed chapter that can still be restored stays,
 * newest first, as far as `highTokens` allows. Synced erasures, edits, descriptions, turn records and feedback leave too.
 *
 * Bounds: the window never exceeds `highTokens`; the rest of memory is what the archive lacks plus the free room. Time is
 * linear in memory's messages. Uses stored token counts; only a message above `lowTokens` is truncated and counted again.
 */
export function fitWindow(memory: ConversationMemory, fitting: FitOptions): ConversationMemory {
  const cut = cutWindow(memory, fitting.budget);
  const { syncedRevision, nowMs, budget } = fitting;
  const { closed, records: _, feedback: _feedback, descriptions: _descriptions, ...rest } = cut;
  const descriptions = cut.descriptions?.filter(({ revision }) => revision > syncedRevision) ?? [];
  const records = cut.records?.filter(({ revision }) => revision > syncedRevision) ?? [];
  const feedback = cut.feedback?.filter(({ revision }) => revision > syncedRevision) ?? [];
  const canRestore = closed !== undefined && nowMs - closed.closedAtMs < undoWithinMs;
  const mayKeep = canRestore || cut.erasing !== undefined;
  const room = mayKeep ? budget.highTokens - tokensOf(windowOf(cut), budget) : 0;
  const older = cut.messages.filter((message) => message.chapter < cut.since);
  const restorable = new Set(newestWithin(older, room, budget));
  const messages = cut.messages
    .filter(
      (message) => message.revision > syncedRevision || isInWindow(cut, message) || restorable.has(message),
    )
    .map((message) => (message.revision > syncedRevision ? message : truncateToBudget(message, fitting)));
  return {
    ...rest,
    ...(canRestore ? { closed } : {}),
    messages,
    erasures: cut.erasures.filter(({ revision }) => revision > syncedRevision),
    edits: cut.edits.filter(({ revision }) => revision > syncedRevision),
    ...(descriptions.length === 0 ? {} : { descriptions }),
    ...(records.length === 0 ? {} : { records }),
    ...(feedback.length === 0 ? {} : { feedback }),
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

/** The newest messages that fit into `room` tokens, oldest first. */
function newestWithin(
  messages: readonly RememberedMessage[],
  room: number,
  budget: Budget,
): readonly RememberedMessage[] {
  let left = room;
  const first = promptCosts(messages, budget).findLastIndex(({ tokens }) => (left -= tokens) < 0);
  return messages.slice(first + 1);
}

/** Truncates a message above `lowTokens`, with a visible note. Others are returned unchanged. */
export function truncateToBudget(
  message: RememberedMessage,
  { budget, countTokens }: { readonly budget: Pick<Budget, "lowTokens">; readonly countTokens: CountTokens },
): RememberedMessage {
  let { text, tokens } = message;
  while (tokens > budget.lowTokens && text.length > 200) {
    const share = Math.min(0.9, (budget.lowTokens / tokens) * 0.9);
    text = truncate(message.text, Math.max(200, Math.floor(text.length * share)));
    tokens = countTokens(formatContent({ ...message, text })) + 4;
  }
  return tokens === message.tokens ? message : { ...message, text, tokens };
}

function tokensOf(messages: readonly RememberedMessage[], budget: Budget): number {
  return promptCosts(messages, budget).reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Prompt tokens per message, with its time mark. No message counts more than `lowTokens`. */
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

/** Counts messages of the current chapters that are in neither summary nor window. */
export function countLeftOut(memory: ConversationMemory): number {
  const { windowFrom, summary } = memory;
  return currentMessages(memory).filter(
    (message) =>
      isForModel(message) && message.ordinal < windowFrom && message.ordinal >= (summary?.upTo ?? 0),
  ).length;
}
