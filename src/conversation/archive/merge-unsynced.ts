import { erasedBy } from "../../domain/apply-pending-changes.ts";
import { hasSameFiles, isUnchangedBy } from "../../domain/edit-message.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Erasure, ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Archive } from "../../ports/archive.ts";

import type { Feedback } from "../../domain/feedback.ts";
import type { TurnRecord } from "../../domain/turn-record.ts";
import { invalidateSummary } from "../memory/invalidate-summary.ts";
import { applyEditTo, type CountTokens } from "../memory/remembered-message.ts";
import { undoAgain, withoutUndone } from "./undo-again.ts";
import { unsyncedChapters, type UnsyncedChapter } from "./unsynced-chapters.ts";
import { unsyncedFeedback, unsyncedRecords } from "./unsynced-records.ts";

interface Ports {
  readonly archivedConversations: ArchivedConversations;
  readonly archive: Archive;
  readonly countTokens: CountTokens;
}

/**
 * Adds the unsynced changes of an older record to the memory from the archive. Its messages that the archive neither has nor
 * erased are appended, and so are newer answers in the same posts. Its erasures, edits, turn records and feedback are queued
 * for a sync again. Resets and delayed erasures that the archive lacks are made again, and so are their undoings. Messages from before
 * an erasure of the conversation stay erased, and newer texts of the archive win. @throws {ArchiveError}
 */
export async function mergeUnsynced(
  ports: Ports,
  known: ConversationMemory,
  lost: ConversationMemory,
  signal: AbortSignal,
): Promise<ConversationMemory> {
  const again = undoAgain(known, lost);
  const older = withoutUndone(lost, again);
  const revision = Math.max(again.revision, older.revision) + 1;
  const chapters = unsyncedChapters(again, older);
  const only = await unsyncedMessages(ports, { again, older, chapters }, signal);
  const news: Unsynced = {
    only,
    erasures: older.erasures.map((each) => resendErasure(each, again, older)),
    edits: await unsyncedEdits(ports, again, older, signal),
    records: unsyncedRecords(again, older, only),
    feedback: unsyncedFeedback(again, older),
  };
  const { erasures, edits, records, feedback } = news;
  const changes = [only, erasures, edits, records, feedback, chapters];
  const count = changes.reduce((sum, { length }) => sum + length, 0);
  const merged =
    count === 0 && again.since === known.since
      ? again
      : merge(ports, { again, older, chapters, revision }, withRevision(news, revision));
  return older.revision > again.revision ? withStateOf(older, merged) : merged;
}

/**
 * A question that was answered or closed in the meantime must not take a "yes" that is meant for something else. The bot is
 * muted where it was muted last.
 */
function withStateOf(
  { asked, muted, unmuted }: ConversationMemory,
  merged: ConversationMemory,
): ConversationMemory {
  const { asked: _, muted: _muted, unmuted: _unmuted, ...rest } = merged;
  return {
    ...rest,
    ...(asked === undefined ? {} : { asked }),
    ...(muted === undefined ? {} : { muted }),
    ...(unmuted === undefined ? {} : { unmuted }),
  };
}

type Unsynced = Pick<ConversationMemory, "erasures" | "edits"> & {
  readonly only: ConversationMemory["messages"];
  readonly records: readonly TurnRecord[];
  readonly feedback: readonly Feedback[];
};

async function unsyncedMessages(
  { archivedConversations }: Ports,
  { again, older, chapters }: Omit<MergeInput, "revision">,
  signal: AbortSignal,
): Promise<ConversationMemory["messages"]> {
  const { conversation, platform, place, forgottenAtMs = 0, nextOrdinal, chapter } = again;
  const late = older.messages.filter(({ saidAtMs }) => saidAtMs > forgottenAtMs);
  if (late.length === 0) return [];
  const lacking = new Set(
    await archivedConversations.findMissing({ conversation, platform, place }, late, signal),
  );
  const known = new Map(again.messages.map((message) => [message.id, message]));
  return late
    .filter((message) => lacking.has(message.id) || isNewerReply(message, known.get(message.id)))
    .map((message, index) => {
      const opened = chapters.filter(({ isBefore }) => !isBefore(message)).length;
      return Object.assign({}, message, { ordinal: nextOrdinal + index, chapter: chapter + opened });
    });
}

/** Whether a later turn reused the posts of a lost turn for a newer answer. */
function isNewerReply(reply: RememberedMessage, known: RememberedMessage | undefined): boolean {
  return (
    reply.role === "bot" &&
    known !== undefined &&
    known.revision < reply.revision &&
    known.text !== reply.text
  );
}

/** An erasure of the whole conversation covers everything archived by now, unless the archive applied it before. */
function resendErasure(erasure: Erasure, again: ConversationMemory, older: ConversationMemory): Erasure {
  if (erasure.kind !== "all" || hasSameErasure(again, older)) return erasure;
  return { ...erasure, beforeOrdinal: again.nextOrdinal };
}

function hasSameErasure(again: ConversationMemory, { forgottenAtMs }: ConversationMemory): boolean {
  return forgottenAtMs !== undefined && (again.forgottenAtMs ?? 0) >= forgottenAtMs;
}

/** Edits in the older record of messages of which the archive has an older text. */
async function unsyncedEdits(
  { archive }: Ports,
  again: ConversationMemory,
  older: ConversationMemory,
  signal: AbortSignal,
): Promise<ConversationMemory["edits"]> {
  const edits: ConversationMemory["edits"][number][] = [];
  for (const edit of older.edits) {
    const known = await archive.find(again.conversation, edit.message, signal);
    if (known === undefined || known.revision >= edit.revision) continue;
    if (!isUnchangedBy(known, edit)) edits.push(edit);
  }
  const known = new Map(again.messages.map((message) => [message.id, message]));
  for (const { id, role, text, attachments, revision } of older.messages) {
    const message = known.get(id);
    const isNewer =
      message !== undefined &&
      message.revision < revision &&
      !(message.text === text && hasSameFiles(message.attachments, attachments));
    if (isNewer && role === "person") edits.push({ message: id, text, attachments, revision });
  }
  return edits;
}

function withRevision({ only, erasures, edits, records, feedback }: Unsynced, revision: number): Unsynced {
  return {
    only: only.map((message) => Object.assign({}, message, { revision })),
    erasures: erasures.map((erasure) => Object.assign({}, erasure, { revision })),
    edits: edits.map((edit) => Object.assign({}, edit, { revision })),
    records: records.map((record) => Object.assign({}, record, { revision })),
    feedback: feedback.map((each) => Object.assign({}, each, { revision })),
  };
}

interface MergeInput {
  readonly again: ConversationMemory;
  readonly older: ConversationMemory;
  readonly chapters: readonly UnsyncedChapter[];
  readonly revision: number;
}

function merge(
  { countTokens }: Ports,
  { again, older, chapters, revision }: MergeInput,
  { only, erasures, edits, records, feedback }: Unsynced,
): ConversationMemory {
  const isForgotten = erasures.some(({ kind }) => kind === "all") && !hasSameErasure(again, older);
  const start = withoutErased(isForgotten ? emptied(again, older) : again, erasures);
  const whole = openChapters(start, { older, only, chapters });
  const isGone = erasedBy(erasures);
  const editOf = new Map(edits.map((edit) => [edit.message, edit]));
  const isMoved = new Set(only.map(({ id }) => id));
  const kept = whole.messages
    .filter((message) => !isGone(message) && !isMoved.has(message.id))
    .map((message) => {
      const edit = editOf.get(message.id);
      return edit === undefined ? message : applyEditTo(message, edit, { revision }, countTokens);
    });
  const next = {
    ...whole,
    revision,
    base: Math.max(whole.base, older.base) + 1,
    nextOrdinal: again.nextOrdinal + only.length,
    messages: [...kept, ...only],
    speakers: mergeSpeakers(whole, older, { only, erasures }),
    erasures,
    edits,
    ...(records.length === 0 ? {} : { records }),
    ...(feedback.length === 0 ? {} : { feedback }),
  };
  return erasures.length + edits.length === 0 ? next : invalidateSummary(dropStaleTitle(next), "covered");
}

/** Opens the chapters before the first of their messages. */
function openChapters(
  start: ConversationMemory,
  { older, only, chapters }: Pick<Unsynced, "only"> & Pick<MergeInput, "older" | "chapters">,
): ConversationMemory {
  const inOlder = new Map(older.messages.map((message) => [message.id, message]));
  let memory = start;
  for (const { isBefore, open } of chapters) {
    const before = only.filter((message) => isBefore(inOlder.get(message.id) ?? message));
    memory = open({ ...memory, nextOrdinal: start.nextOrdinal + before.length });
  }
  return memory;
}

/** Drops a delayed erasure that was completed in the meantime. */
function withoutErased(memory: ConversationMemory, erasures: readonly Erasure[]): ConversationMemory {
  const { erasing, ...rest } = memory;
  const isComplete = erasures.some(
    (each) => each.kind === "all" && erasing !== undefined && each.beforeOrdinal >= erasing.beforeOrdinal,
  );
  return isComplete ? rest : memory;
}

/** Drops a title whose messages were changed or removed. The next turn makes another one. */
function dropStaleTitle(memory: ConversationMemory): ConversationMemory {
  const { titledBy, ...rest } = memory;
  const { titledFrom = [], erasures, edits, messages } = memory;
  const stays = (id: MessageId | undefined): boolean =>
    erasures.length === 0 || messages.some((message) => message.id === id);
  const isAsRead = (id: MessageId): boolean => stays(id) && !edits.some(({ message }) => message === id);
  if (!titledFrom.every(isAsRead)) return { ...rest, titledFrom: [] };
  return stays(titledBy) ? memory : rest;
}

/** Adds only those speakers of the older record who have a remaining message. Others may have been erased since. */
function mergeSpeakers(
  whole: ConversationMemory,
  older: ConversationMemory,
  { only, erasures }: Pick<Unsynced, "only" | "erasures">,
): ConversationMemory["speakers"] {
  const inOlder = new Set(older.speakers.map(({ id }) => id));
  const gone = new Set(erasures.flatMap((each) => (each.kind === "author" ? [each.author] : [])));
  const stay = whole.speakers.filter(({ id }) => !gone.has(id) || inOlder.has(id));
  const known = new Set(stay.map(({ id }) => id));
  const wrote = new Set(only.map(({ author }) => author.id));
  return [...stay, ...older.speakers.filter(({ id }) => wrote.has(id) && !known.has(id))];
}

/** The memory of a conversation that was erased while the archive was unreachable. */
function emptied(again: ConversationMemory, { forgottenAtMs }: ConversationMemory): ConversationMemory {
  const { summary: _, closed: _closed, ...rest } = again;
  const mark = forgottenAtMs === undefined ? {} : { forgottenAtMs };
  return { ...rest, ...mark, messages: [], speakers: [], windowFrom: again.nextOrdinal, leftOut: 0 };
}
