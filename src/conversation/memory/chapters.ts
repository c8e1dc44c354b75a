import type {
  ClosedChapter,
  ConversationMemory,
  RememberedMessage,
} from "../../domain/conversation-memory.ts";

/** How long a reset can be undone. */
export const undoWithinMs = 24 * 3_600_000;

/** Opens a new chapter: prompts, summary and the model's own recall hold only what comes now. Nothing is erased. */
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

/** Joins the chapters again. Undefined where there is nothing to bring back, or not any more. */
export function undoReset(memory: ConversationMemory, nowMs: number): ConversationMemory | undefined {
  const { closed, ...rest } = memory;
  if (closed === undefined || nowMs - closed.closedAtMs > undoWithinMs) return undefined;
  return rejoinChapter(rest, closed, nowMs);
}

/** Joins a closed chapter with what came after it. */
export function rejoinChapter(
  memory: ConversationMemory,
  closed: ClosedChapter,
  nowMs: number,
): ConversationMemory {
  const { summary, closed: _, ...rest } = memory;
  // What the new chapter had folded meanwhile is told from the beginning, together with the old one.
  const upTo = Math.max(closed.summary?.upTo ?? 1, summary?.upTo ?? 1);
  const isSummarized = summary !== undefined;
  const unwanted = [...(closed.summary?.unwanted ?? []), ...(summary?.unwanted ?? [])];
  const before = isSummarized
    ? { unwanted, lines: [], dropped: 0, madeAtMs: nowMs, upTo, isStale: true as const }
    : closed.summary;
  // What had no room in memory meanwhile is in the ledger: it is left out until it has been folded.
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

/** The messages that the current memory holds, oldest first: since the last reset that was not undone. */
export function currentMessages({ messages, since }: ConversationMemory): readonly RememberedMessage[] {
  return messages.filter((message) => message.chapter >= since);
}
