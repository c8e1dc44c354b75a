import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import { rankMatches } from "../../domain/rank-matches.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { DelayedErasures } from "../../ports/delayed-erasures.ts";
import { searchWords } from "../../domain/search-words.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Readers } from "../../ports/platform-access.ts";
import type { ArchivedConversations } from "../../ports/archived-conversations.ts";
import type { ArchivedMarks } from "../../ports/archived-marks.ts";
import { readablePlaces } from "./audience.ts";
import { applyWaiting } from "./apply-waiting.ts";
import type { SearchGaps } from "./search-gaps.ts";
import {
  readUnsynced,
  toArchivedMessages,
  readWaiting,
  waitingMessagesIn,
  type UnsyncedConversations,
  type UnsyncedPorts,
} from "./read-unsynced.ts";

interface LookUpPorts extends UnsyncedPorts {
  readonly archive: Archive;
  readonly archivedConversations: Pick<ArchivedConversations, "findConversation">;
  readonly archivedMarks: Pick<ArchivedMarks, "missing">;
  readonly delayedErasures: DelayedErasures;
  readonly platform: Platform;
  readonly log: Log;
}

/** What to search for, and on whose behalf. */
export interface ArchiveSearch {
  readonly words: string;
  readonly readers: Readers;
  /** Memory of the conversation that asks. */
  readonly memory: ConversationMemory;
  /**
   * `current`: of each conversation what no reset has closed. `archived`: also what a reset has closed. `all`: also what
   * the archive does not have yet; for what is shown once and rests on nothing, since what rests on something must find
   * it in the archive when it goes.
   */
  readonly scope: "current" | "archived" | "all";
  readonly limit: number;
}

/** Matches, best first, and what could not be searched. */
export interface ArchiveSearchResult {
  readonly found: readonly ArchivedMessage[];
  readonly gaps: SearchGaps;
}

/** Places searched per platform. */
const maxPlaces = 20_000;

/**
 * Searches messages on behalf of some readers: first finds the places that all of them may read, then searches these in
 * the archive and in what is not synced yet. @throws {ArchiveError}, {MemoryError}, {StoreError}
 */
export async function searchArchive(
  ports: LookUpPorts,
  { words, readers, memory, scope, limit }: ArchiveSearch,
  signal: AbortSignal,
): Promise<ArchiveSearchResult> {
  const { archive, platform } = ports;
  const newest = await readUnsynced(ports, { ...memory, platform: platform.name }, signal);
  const known = [memory, ...newest.memories];
  const asked = await candidatePlaces(ports, newest, signal);
  const { places, unknown } = await readablePlaces(ports, readers, asked.places, signal);
  const found = await archive.search({ words, platform: platform.name, places, limit: limit * 2 }, signal);
  const there = new Set(places);
  const isReadable = ({ place }: { readonly place: string }): boolean => there.has(place);
  const hot = await bestOfEach(known.filter(isReadable), searchWords(words), limit * 2);
  const isAll = scope === "all";
  const now = applyPendingChanges(memory, found.messages);
  const archived = isAll ? applyAll(newest.memories, now) : removeChanged(newest.memories, now);
  const readable = newest.active.filter(isReadable);
  const all = isAll ? await withWaiting(ports, readable, [...hot, ...archived], signal) : archived;
  const standing = await removeErasing(ports, all, signal);
  const best = (await rankMatches(standing, searchWords(words))).slice(0, limit * 2);
  const shown = scope === "current" ? await removeClosedChapters(ports, known, best, signal) : best;
  const prompted = scope === "current" ? memory.conversation : undefined;
  const unread = isAll ? 0 : conversationsWithUnsynced(hot, newest, prompted).size;
  return {
    found: shown.slice(0, limit),
    gaps: {
      places: unknown.length,
      morePlaces: asked.hasMore,
      conversations: newest.unread + unread,
      older: !found.isWhole && shown.length < limit,
      unindexed: found.isBeingIndexed === true && shown.length < limit,
    },
  };
}

/** The conversations that hold something which the archive does not have. What is asked in the prompt's own is in the prompt. */
function conversationsWithUnsynced(
  hot: readonly ArchivedMessage[],
  { syncedRevisions }: UnsyncedConversations,
  here: ConversationKey | undefined,
): ReadonlySet<ConversationKey> {
  const news = hot.filter(
    ({ conversation, revision }) => revision > (syncedRevisions.get(conversation) ?? 0),
  );
  return new Set(
    news.map(({ conversation }) => conversation).filter((each) => each !== here && syncedRevisions.has(each)),
  );
}

function applyAll(
  memories: readonly ConversationMemory[],
  archived: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  return memories.reduce((read, each) => applyPendingChanges(each, read), archived);
}

/**
 * Removes messages that were edited or deleted since, in other conversations. An edited one is not found by its new text
 * either: what rests on that could not be found before the archive has it.
 */
function removeChanged(
  memories: readonly ConversationMemory[],
  archived: readonly ArchivedMessage[],
): readonly ArchivedMessage[] {
  const texts = new Map(applyAll(memories, archived).map((each) => [keyOf(each), each.text]));
  return archived.filter((each) => texts.get(keyOf(each)) === each.text);
}

function keyOf({ conversation, id }: ArchivedMessage): string {
  return JSON.stringify([conversation, id]);
}

/** Best matches per memory, to keep the final ranking small. */
async function bestOfEach(
  memories: readonly ConversationMemory[],
  words: readonly string[],
  most: number,
): Promise<readonly ArchivedMessage[]> {
  const best: ArchivedMessage[] = [];
  for (const each of memories)
    best.push(...(await rankMatches(toArchivedMessages(each), words)).slice(0, most));
  return best;
}

/** Places that may hold matches. */
async function candidatePlaces(
  { archive, platform }: LookUpPorts,
  { memories, active }: UnsyncedConversations,
  signal: AbortSignal,
): Promise<{ readonly places: readonly string[]; readonly hasMore: boolean }> {
  // On a platform without shared places, people can read only their own.
  if (platform.readable === undefined) return { places: [], hasMore: false };
  const archived = await archive.places(platform.name, maxPlaces + 1, signal);
  const hot = [...memories, ...active].map(({ place }) => place);
  return {
    places: [...new Set([...archived.slice(0, maxPlaces), ...hot])],
    hasMore: archived.length > maxPlaces,
  };
}

/** Adds the messages that still wait in inboxes, and applies the changes that wait there. */
async function withWaiting(
  ports: UnsyncedPorts,
  readable: UnsyncedConversations["active"],
  found: readonly ArchivedMessage[],
  signal: AbortSignal,
): Promise<readonly ArchivedMessage[]> {
  const waiting = await readWaiting(ports, readable, signal);
  const places = new Set(readable.map(({ place }) => place));
  const said = [...waiting.values()].flatMap(waitingMessagesIn).filter(({ place }) => places.has(place));
  return applyWaiting(waiting, removeDuplicates([...found, ...said]));
}

/** Keeps the first copy of each message. */
function removeDuplicates(messages: readonly ArchivedMessage[]): readonly ArchivedMessage[] {
  const byId = new Map<string, ArchivedMessage>();
  for (const message of messages) {
    const key = keyOf(message);
    if (!byId.has(key)) byId.set(key, message);
  }
  return [...byId.values()];
}

/**
 * Removes messages from before a reset, in any conversation, and all of a conversation whose chapters can't be read. For
 * an evicted conversation, the archive's head is enough.
 */
async function removeClosedChapters(
  { memories, archivedConversations, archivedMarks }: LookUpPorts,
  known: readonly ConversationMemory[],
  found: readonly ArchivedMessage[],
  signal: AbortSignal,
): Promise<readonly ArchivedMessage[]> {
  const since = new Map<ConversationKey, number>(known.map((each) => [each.conversation, each.since]));
  const others = [...new Set(found.map(({ conversation }) => conversation))].filter(
    (each) => !since.has(each),
  );
  const absent = new Set(await archivedMarks.missing(others, signal));
  for (const conversation of others) {
    const archived = absent.has(conversation)
      ? await archivedConversations.findConversation(conversation, signal)
      : undefined;
    const head = archived?.head?.memory;
    const memory = head ?? (await memories.read(conversation, signal)).memory;
    since.set(conversation, memory?.since ?? Infinity);
  }
  return found.filter(({ conversation, chapter }) => chapter >= (since.get(conversation) ?? Infinity));
}

/** Removes messages that await a delayed erasure, in any conversation. @throws {StoreError} */
async function removeErasing(
  { delayedErasures }: LookUpPorts,
  found: readonly ArchivedMessage[],
  signal: AbortSignal,
): Promise<readonly ArchivedMessage[]> {
  const below = await delayedErasures.cutoffs(
    found.map(({ conversation }) => conversation),
    signal,
  );
  return found.filter(({ conversation, ordinal }) => ordinal >= (below.get(conversation) ?? 0));
}
