import type {
  ClosedChapter,
  ConversationMemory,
  RememberedMessage,
} from "../../domain/conversation-memory.ts";
import { addUndone } from "./undone-orders.ts";

/** How long a reset can be undone. */
export const undoWithinMs = 24 * 3_600_000;

/** Starts a new chapter: prompts, summary and the model's recall ignore everything before it. Nothing is erased. */
export function openChapter(memory: ConversationMemory, nowMs: number): ConversationMemory {
  const { summary, closed: _, ...rest } = memory;
  const { since, windowFrom } = memory;
  return {
    ...rest,
    base: memory.base + 1,
    chapter: memory.chapter + 1,
    since: memory.chapter + 1,
    windowFrom: memory.nextOrdinal,
    leftOut: 0,
    closed: { since, windowFrom, closedAtMs: nowMs, ...(summary === undefined ? {} : { summary }) },
  };
}

/** Undoes the last reset. Undefined if there is none within `undoWithinMs`. */
export function undoReset(memory: ConversationMemory, nowMs: number): ConversationMemory | undefined {
  const { closed, ...rest } = memory;
  if (closed === undefined || nowMs - closed.closedAtMs > undoWithinMs) return undefined;
  return addUndone(rejoinChapter(rest, closed, nowMs), { resets: [closed.closedAtMs] });
}

/** Joins a closed chapter with the messages after it. */
export function rejoinChapter(
  memory: ConversationMemory,
  closed: ClosedChapter,
  nowMs: number,
): ConversationMemory {
  const { summary, closed: _, ...rest } = memory;
  // If the new chapter was summarized in between, both chapters are summarized again from the start.
  const upTo = Math.max(closed.summary?.upTo ?? 1, summary?.upTo ?? 1);
  const isSummarized = summary !== undefined;
  const unwanted = [...(closed.summary?.unwanted ?? []), ...(summary?.unwanted ?? [])];
  const before = isSummarized
    ? { unwanted, lines: [], dropped: 0, madeAtMs: nowMs, upTo, isStale: true as const }
    : closed.summary;
  // Messages that left memory in between are in the archive. Prompts omit them until they are summarized.
  const first = memory.messages.find(({ chapter }) => chapter >= closed.since);
  const windowFrom = isSummarized
    ? memory.windowFrom
    : Math.max(closed.windowFrom, first?.ordinal ?? memory.nextOrdinal);
  return {
    ...rest,
    base: memory.base + 1,
    since: closed.since,
    windowFrom,
    leftOut: isSummarized ? 0 : windowFrom - closed.windowFrom,
    ...(before === undefined ? {} : { summary: before }),
  };
}

/** Messages since the last reset that was not undone, oldest first. */
export function currentMessages({
  messages,
  since,
}: Pick<ConversationMemory, "messages" | "since">): readonly RememberedMessage[] {
  return messages.filter((message) => message.chapter >= since);
}
