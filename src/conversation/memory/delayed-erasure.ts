import type { Lapsed } from "../../domain/own-inbounds.ts";
import type { PendingErasure, ConversationMemory, Speaker } from "../../domain/conversation-memory.ts";
import type { DelayedErasure } from "../../ports/delayed-erasures.ts";
import { rejoinChapter, openChapter } from "./chapters.ts";
import { addUndone } from "./undone-orders.ts";

/**
 * Makes a conversation behave as erased from now on: new chapter, no speakers, no title. It can be undone until
 * `untilMs`.
 */
export function startDelayedErasure(
  memory: ConversationMemory,
  { by, nowMs, untilMs }: { readonly by: string; readonly nowMs: number; readonly untilMs: number },
): ConversationMemory {
  const opened = openChapter(memory, nowMs);
  const { closed, titledBy: _, titledFrom: _from, muted: _muted, unmuted: _unmuted, ...rest } = opened;
  const { speakers, nextOrdinal, erasing: earlier } = memory;
  const { forgottenAtMs } = earlier ?? memory;
  const { since, windowFrom, summary } = earlier?.closed ?? closed ?? memory;
  const erasing: PendingErasure = {
    by,
    untilMs,
    beforeOrdinal: nextOrdinal,
    speakers: mergeSpeakers(earlier?.speakers ?? [], speakers),
    closed: { since, windowFrom, closedAtMs: nowMs, ...(summary === undefined ? {} : { summary }) },
    ...(forgottenAtMs === undefined ? {} : { forgottenAtMs }),
  };
  // Until then, backfill must not bring back older messages.
  return { ...rest, speakers: [], erasing, forgottenAtMs: nowMs };
}

/** The record by which the erasure is found when it is due. Written on every turn, in case the store lost it. */
export function delayedErasureOf(
  { conversation, platform, place }: ConversationMemory,
  erasing: PendingErasure,
): DelayedErasure {
  const { beforeOrdinal, untilMs, closed } = erasing;
  return { conversation, platform, place, beforeOrdinal, orderedAtMs: closed.closedAtMs, untilMs };
}

/** Undoes a delayed erasure. Messages said since then stay. */
export function undoDelayedErasure(
  memory: ConversationMemory,
  erasing: PendingErasure,
  nowMs: number,
): ConversationMemory {
  const { erasing: _, forgottenAtMs: _mark, titledBy: _title, titledFrom: _from, ...rest } = memory;
  const joined = rejoinChapter(rest, erasing.closed, nowMs);
  const { forgottenAtMs, speakers, closed } = erasing;
  const erasures = { afterMs: forgottenAtMs ?? 0, untilMs: closed.closedAtMs };
  return {
    ...addUndone(joined, { resets: [], erasures }),
    speakers: mergeSpeakers(speakers, joined.speakers),
    ...(forgottenAtMs === undefined ? {} : { forgottenAtMs }),
  };
}

/** Erases for good what was said before the request. Undefined if it was undone or has been completed. */
export function completeDelayedErasure(
  memory: ConversationMemory,
  { beforeOrdinal }: Lapsed,
): ConversationMemory | undefined {
  const { erasing, ...rest } = memory;
  if (erasing?.beforeOrdinal !== beforeOrdinal) return undefined;
  const { revision, base, messages, erasures } = memory;
  return {
    ...rest,
    // Rejects a summary in progress: it may have read what is erased now.
    base: base + 1,
    messages: messages.filter(({ ordinal }) => ordinal >= beforeOrdinal),
    erasures: [...erasures, { revision, kind: "all", beforeOrdinal, beforeMs: erasing.closed.closedAtMs }],
  };
}

/** Removes an author from the speakers that an undo would restore. */
export function removeErasedSpeaker(erasing: PendingErasure, author: string): PendingErasure {
  return { ...erasing, speakers: erasing.speakers.filter(({ id }) => id !== author) };
}

function mergeSpeakers(before: readonly Speaker[], after: readonly Speaker[]): readonly Speaker[] {
  return [...before, ...after.filter(({ id }) => !before.some((each) => each.id === id))];
}
