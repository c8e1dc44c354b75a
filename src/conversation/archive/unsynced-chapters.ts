import type { ConversationMemory, RememberedMessage, Speaker } from "../../domain/conversation-memory.ts";
import { openChapter } from "../memory/chapters.ts";
import { startDelayedErasure } from "../memory/delayed-erasure.ts";

/** A chapter that a `/reset` or a delayed erasure opened. */
export interface UnsyncedChapter {
  /** Whether a message of the older record was said before the chapter. */
  readonly isBefore: (message: RememberedMessage) => boolean;
  readonly open: (memory: ConversationMemory) => ConversationMemory;
}

/** The chapters that were opened in the older record after the archive's last sync, oldest first. */
export function unsyncedChapters(
  { revision }: ConversationMemory,
  { erasing, closed, since, erasures }: ConversationMemory,
): readonly UnsyncedChapter[] {
  const chapters: UnsyncedChapter[] = [];
  // Revisions are times. The archive knows of earlier orders, also if it has none: they were undone or completed.
  if (erasing !== undefined && erasing.closed.closedAtMs > revision) {
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
  if (closed !== undefined && closed.closedAtMs > revision)
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
