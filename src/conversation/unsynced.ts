import type { Recollection } from "../domain/recollection.ts";
import type { ConversationArchive } from "../ports/conversation-archive.ts";

/**
 * The archive's memory of a conversation, with what only an older record has: messages that the archive neither has nor
 * has erased come behind its own, and erasures and edits that it may not have heard of are told again. What an older
 * record has from before the conversation was forgotten stays forgotten. @throws {LedgerError}
 */
export async function withUnsynced(
  { archive }: { readonly archive: ConversationArchive },
  again: Recollection,
  older: Recollection,
  signal: AbortSignal,
): Promise<Recollection> {
  const { conversation, platform, place, forgottenAtMs = 0, nextOrdinal } = again;
  const late = older.messages.filter(({ saidAtMs }) => saidAtMs > forgottenAtMs);
  const lacking =
    late.length === 0
      ? new Set()
      : new Set(await archive.lacks({ conversation, platform, place }, late, signal));
  const only = late.filter(({ id }) => lacking.has(id));
  const revision = Math.max(again.revision, older.revision) + 1;
  const news: News = {
    only: only.map((message, index) => {
      const ordinal = nextOrdinal + index;
      return Object.assign({}, message, { revision, ordinal, chapter: again.chapter });
    }),
    erasures: older.erasures.map((each) =>
      each.kind === "all" ? { ...each, revision, beforeOrdinal: nextOrdinal } : { ...each, revision },
    ),
    edits: older.edits.map((edit) => Object.assign({}, edit, { revision })),
  };
  if (news.only.length + news.erasures.length + news.edits.length === 0) return again;
  return joined(again, older, { ...news, revision });
}

type News = Pick<Recollection, "erasures" | "edits"> & { readonly only: Recollection["messages"] };

function joined(
  again: Recollection,
  older: Recollection,
  { only, erasures, edits, revision }: News & Pick<Recollection, "revision">,
): Recollection {
  const isForgotten = erasures.some(({ kind }) => kind === "all");
  const whole = isForgotten ? forgotten(again, older) : again;
  const gone = new Set(erasures.flatMap((each) => (each.kind === "message" ? [each.message] : [])));
  const known = new Set(whole.speakers.map(({ id }) => id));
  return {
    ...whole,
    revision,
    base: Math.max(again.base, older.base) + 1,
    nextOrdinal: again.nextOrdinal + only.length,
    messages: [...whole.messages.filter(({ id }) => !gone.has(id)), ...only],
    speakers: [...whole.speakers, ...older.speakers.filter(({ id }) => !known.has(id))],
    erasures,
    edits,
  };
}

/** It was forgotten while nobody could tell the archive. */
function forgotten(again: Recollection, { forgottenAtMs }: Recollection): Recollection {
  const { summary: _, closed: _closed, ...rest } = again;
  const mark = forgottenAtMs === undefined ? {} : { forgottenAtMs };
  return { ...rest, ...mark, messages: [], speakers: [], windowFrom: again.nextOrdinal, leftOut: 0 };
}
