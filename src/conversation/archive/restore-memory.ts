import type { ArchivedConversation } from "../../domain/archived-conversation.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ConversationMemory, RememberedMessage, Speaker } from "../../domain/conversation-memory.ts";
import { isQuotedId } from "../../domain/quoted.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { Archive } from "../../ports/archive.ts";
import { toRemembered } from "../../domain/apply-pending-changes.ts";
import { paginate } from "./paginate.ts";

import { mergeUnsynced } from "./merge-unsynced.ts";
import { yielding } from "../../async/yielding.ts";
import { type CountTokens, addTokenCount } from "../memory/remembered-message.ts";
import { emptyMemory } from "../memory/new-memory.ts";

/** How many messages are restored if the start of the window is unknown. */
const maxMessages = 500;

/** What restoring a memory needs. */
export interface RestorePorts {
  readonly archivedConversations: ArchivedConversations;
  readonly archive: Archive;
  readonly countTokens: CountTokens;
}

/** The memory to restore. */
export interface RestoreInput {
  readonly conversation: ConversationKey;
  readonly known: ArchivedConversation;
  /** The hot store's older record. Missing: it has none. */
  readonly older?: ConversationMemory;
}

/**
 * Restores a memory from the archive, with the messages of its window. Ordinals, revision and chapters continue from the
 * archive. Time and space grow with the window. @throws {ArchiveError}
 */
export async function restoreMemory(
  ports: RestorePorts,
  { conversation, known, older }: RestoreInput,
  signal: AbortSignal,
): Promise<ConversationMemory> {
  const rows = await rowsFor(ports.archive, conversation, known, signal);
  const messages = await countMessageTokens(ports, rows);
  const head = known.head?.memory ?? headFrom(conversation, rows, messages);
  const revision = Math.max(head.revision, ...messages.map((message) => message.revision));
  const nextOrdinal = Math.max(known.nextOrdinal, head.nextOrdinal);
  const again = { ...head, revision, nextOrdinal, messages };
  return older === undefined ? again : mergeUnsynced(ports, again, older, signal);
}

async function rowsFor(
  archive: Archive,
  conversation: ConversationKey,
  { head }: ArchivedConversation,
  signal: AbortSignal,
): Promise<readonly ArchivedMessage[]> {
  if (head === undefined) return archive.read({ conversation, limit: maxMessages, end: "last" }, signal);
  const { windowFrom, closed, erasing } = head.memory;
  // What an undo brings back.
  const closedFrom = Math.min(closed?.windowFrom ?? windowFrom, erasing?.closed.windowFrom ?? windowFrom);
  const fromOrdinal = Math.max(1, Math.min(windowFrom, closedFrom));
  const rows: ArchivedMessage[] = [];
  for await (const page of paginate(archive, { conversation, fromOrdinal }, signal)) rows.push(...page);
  return rows;
}

/** Counts in slices, because a window can be long. */
async function countMessageTokens(
  { countTokens }: RestorePorts,
  rows: readonly ArchivedMessage[],
): Promise<readonly RememberedMessage[]> {
  const pause = yielding();
  const messages: RememberedMessage[] = [];
  for (const row of rows) {
    messages.push(addTokenCount(toRemembered(row), countTokens));
    await pause();
  }
  return messages;
}

/** A head built from the messages alone: those of the last known chapter. */
function headFrom(
  conversation: ConversationKey,
  rows: readonly ArchivedMessage[],
  messages: readonly RememberedMessage[],
): ConversationMemory {
  const last = rows.at(-1);
  const empty = emptyMemory(conversation, { platform: last?.platform ?? "", place: last?.place ?? "" });
  if (last === undefined) return empty;
  const current = messages.find(({ chapter }) => chapter === last.chapter);
  const windowFrom = current?.ordinal ?? last.ordinal;
  const isCut = rows.length === maxMessages && current === messages[0];
  return {
    ...empty,
    chapter: last.chapter,
    since: last.chapter,
    windowFrom,
    leftOut: isCut ? windowFrom - 1 : 0,
    speakers: speakersOf(messages),
  };
}

function speakersOf(messages: readonly RememberedMessage[]): readonly Speaker[] {
  const people = messages.filter(({ role }) => role === "person");
  const speakers = new Map<string, Speaker>();
  for (const { id: message, author, speaker: label } of people) {
    const { id } = author;
    const known = speakers.get(id);
    const isApp = author.isApp === true && (known ?? author).isApp === true;
    const isQuoted = isQuotedId(message) && (known === undefined || known.isQuoted === true);
    speakers.set(id, { id, label, ...(isApp ? { isApp } : {}), ...(isQuoted ? { isQuoted } : {}) });
  }
  return [...speakers.values()];
}
