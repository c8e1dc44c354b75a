import type { ConversationMemory, RememberedMessage, Speaker } from "../../domain/conversation-memory.ts";
import { openChapter } from "../memory/chapters.ts";
import { startDelayedErasure } from "../memory/delayed-erasure.ts";
import { isErasureUndone, isResetUndone } from "../memory/undone-orders.ts";

/** A chapter that a `/reset` or a delayed erasure opened. */
export interface UnsyncedChapter {
  /** Whether a message of the older record was said before the chapter. */
  readonly isBefore: (message: RememberedMessage) => boolean;
  readonly open: (memory: ConversationMemory) => ConversationMemory;
}

/** The chapters that were opened in the older record after the archive's last sync, oldest first. */
export function unsyncedChapters(
  again: ConversationMemory,
  { erasing, closed, since, erasures }: ConversationMemory,
): readonly UnsyncedChapter[] {
  const chapters: UnsyncedChapter[] = [];
  const { revision } = again;
  // Revisions are times. The archive knows of earlier orders, also if it has none: they were undone or completed.
  const orderedAtMs = erasing?.closed.closedAtMs ?? 0;
  const isErasing =
    orderedAtMs > revision &&
    again.erasing?.closed.closedAtMs !== orderedAtMs &&
    !isErasureUndone(again, orderedAtMs);
  if (erasing !== undefined && isErasing) {
    const { by, untilMs, beforeOrdinal, speakers } = erasing;
    const gone = new Set(erasures.flatMap((each) => (each.kind === "author" ? [each.author] : [])));
    const at = { by, untilMs, nowMs: erasing.closed.closedAtMs };
    chapters.push({
      isBefore: ({ ordinal }) => ordinal < beforeOrdinal,
      open: (memory) => {
        const all = joinSpeakers(memory.speakers, speakers, gone);
        return startDelayedErasure({ ...memory, speakers: all }, at);
      },
    });
  }
  // A delayed erasure removes a closed chapter, so this one was closed later.
  const closedAtMs = closed?.closedAtMs ?? 0;
  const isClosed =
    closedAtMs > revision && again.closed?.closedAtMs !== closedAtMs && !isResetUndone(again, closedAtMs);
  if (closed !== undefined && isClosed)
    chapters.push({
      isBefore: ({ chapter }) => chapter < since,
      open: (memory) => openChapter(memory, closed.closedAtMs),
    });
  return chapters;
}

function joinSpeakers(
  archived: readonly Speaker[],
  older: readonly Speaker[],
  gone: ReadonlySet<string>,
): readonly Speaker[] {
  const inOlder = new Set(older.map(({ id }) => id));
  const stay = archived.filter(({ id }) => !inOlder.has(id) && !gone.has(id));
  return [...stay, ...older];
}
