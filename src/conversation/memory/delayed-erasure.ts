import type { Lapsed } from "../../domain/inbound.ts";
import type { PendingErasure, ConversationMemory, Speaker } from "../../domain/conversation-memory.ts";
import type { DelayedErasure } from "../../ports/delayed-erasures.ts";
import { rejoinChapter, openChapter } from "./chapters.ts";

/**
 * The memory of a conversation that behaves as forgotten from now on, and can be brought back until then. Nobody has
 * written in it any more, and it has no title.
 */
export function startDelayedErasure(
  memory: ConversationMemory,
  { by, nowMs, untilMs }: { readonly by: string; readonly nowMs: number; readonly untilMs: number },
): ConversationMemory {
  const { closed, titledBy: _, titledFrom: _from, ...rest } = openChapter(memory, nowMs);
  const { speakers, nextOrdinal, forgottenAtMs, erasing: earlier } = memory;
  const { since, windowFrom, summary } = earlier?.closed ?? closed ?? memory;
  const erasing: PendingErasure = {
    by,
    untilMs,
    beforeOrdinal: nextOrdinal,
    speakers: mergeSpeakers(earlier?.speakers ?? [], speakers),
    closed: { since, windowFrom, closedAtMs: nowMs, ...(summary === undefined ? {} : { summary }) },
    ...(forgottenAtMs === undefined || earlier !== undefined ? {} : { forgottenAtMs }),
  };
  // What is read later, and was said before, is not brought back meanwhile.
  return { ...rest, speakers: [], erasing, forgottenAtMs: nowMs };
}

/** What is to be noted of it, so that it is found when its time is up. Noted again, in case a store was lost meanwhile. */
export function delayedErasureOf(
  { conversation, platform, place }: ConversationMemory,
  erasing: PendingErasure,
): DelayedErasure {
  const { beforeOrdinal, untilMs, closed } = erasing;
  return { conversation, platform, place, beforeOrdinal, orderedAtMs: closed.closedAtMs, untilMs };
}

/** Brings it back, with what was said since. */
export function undoDelayedErasure(
  memory: ConversationMemory,
  erasing: PendingErasure,
  nowMs: number,
): ConversationMemory {
  const { erasing: _, forgottenAtMs: _mark, titledBy: _title, titledFrom: _from, ...rest } = memory;
  const joined = rejoinChapter(rest, erasing.closed, nowMs);
  const { forgottenAtMs, speakers } = erasing;
  return {
    ...joined,
    speakers: mergeSpeakers(speakers, joined.speakers),
    ...(forgottenAtMs === undefined ? {} : { forgottenAtMs }),
  };
}

/** Its time is up: what was said before goes for good. Undefined where it was brought back, or has gone. */
export function completeDelayedErasure(
  memory: ConversationMemory,
  { beforeOrdinal }: Lapsed,
): ConversationMemory | undefined {
  const { erasing, ...rest } = memory;
  if (erasing?.beforeOrdinal !== beforeOrdinal) return undefined;
  const { revision, base, messages, erasures } = memory;
  return {
    ...rest,
    // A fold that is under way has read what goes now.
    base: base + 1,
    messages: messages.filter(({ ordinal }) => ordinal >= beforeOrdinal),
    erasures: [...erasures, { revision, kind: "all", beforeOrdinal }],
  };
}

export function removeErasedSpeaker(erasing: PendingErasure, author: string): PendingErasure {
  return { ...erasing, speakers: erasing.speakers.filter(({ id }) => id !== author) };
}

function mergeSpeakers(before: readonly Speaker[], after: readonly Speaker[]): readonly Speaker[] {
  return [...before, ...after.filter(({ id }) => !before.some((each) => each.id === id))];
}
