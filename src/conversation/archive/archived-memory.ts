import { LRUCache } from "lru-cache";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ArchivedConversation } from "../../domain/archived-conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { titleFrom } from "../../domain/title.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { MemoryError, type Archived, type Memory, type MemoryRead } from "../../ports/memory.ts";
import { restoreMemory, type RestorePorts } from "./restore-memory.ts";

/** How many conversations are remembered as checked against the archive. */
const maxChecked = 10_000;

interface Ports extends RestorePorts {
  /** The hot store's. */
  readonly memories: Memory;
}

/**
 * Conversation memory as a cache of the archive. A memory that the hot store lost, or has in an older revision, is read from
 * the archive. Each conversation is compared once; while the archive is unreachable, the hot store's memory is used, and
 * carries a mark until it is compared.
 */
export class ArchivedMemory implements Memory {
  readonly #ports: Ports;
  readonly #checked = new LRUCache<ConversationKey, true>({ max: maxChecked });
  /** Grows after each outage of the hot store, which makes earlier comparisons invalid. */
  #era = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws {MemoryError} also if only the archive may have the memory, and is unreachable. */
  readonly read: Memory["read"] = async (conversation, signal, snapshot) => {
    const era = this.#era;
    const first = await this.#ports.memories.read(conversation, signal, snapshot);
    if (first.isUnreadable === true) return first;
    if (first.memory !== undefined && this.#checked.has(conversation)) return compared(first);
    const known = await this.#known(conversation, first.memory, signal);
    if (known === "away") return uncompared(first);
    if (!isBehind(first.memory, known)) return this.#trusted(conversation, first, era);
    // A turn may have finished, and been synced, since the hot store was asked.
    const second = await this.#ports.memories.read(conversation, signal);
    if (second.isUnreadable === true) return second;
    if (!isBehind(second.memory, known)) return this.#trusted(conversation, second, era);
    return this.#restored(conversation, known, second.memory, signal);
  };

  readonly recheck = (conversation?: ConversationKey): void => {
    this.#era += 1;
    if (conversation === undefined) this.#checked.clear();
    else this.#checked.delete(conversation);
  };

  #trusted(conversation: ConversationKey, recall: MemoryRead, era: number): MemoryRead {
    if (recall.memory === undefined || era !== this.#era) return recall;
    this.#checked.set(conversation, true);
    return compared(recall);
  }

  async #known(
    conversation: ConversationKey,
    hot: ConversationMemory | undefined,
    signal: AbortSignal,
  ): Promise<ArchivedConversation | undefined | "away"> {
    try {
      return await this.#ports.archivedConversations.findConversation(conversation, signal);
    } catch (error) {
      if (error instanceof ArchiveError && hot !== undefined) return "away";
      throw asMemoryError(error);
    }
  }

  async #restored(
    conversation: ConversationKey,
    known: ArchivedConversation,
    older: ConversationMemory | undefined,
    signal: AbortSignal,
  ): Promise<MemoryRead> {
    try {
      const lost = { conversation, known, ...(older === undefined ? {} : { older }) };
      const memory = await restoreMemory(this.#ports, lost, signal);
      const listing = listingOf(memory, known);
      // Changes that only the older record has are not synced yet.
      const { erasures, edits, descriptions = [], records = [], feedback = [] } = memory;
      const changes = [erasures, edits, descriptions, records, feedback];
      const synced = changes.every(({ length }) => length === 0);
      const { chapter, since } = known.head?.memory ?? memory;
      const hasChapters = memory.chapter === chapter && memory.since === since;
      const isWhole = synced && hasChapters && memory.nextOrdinal === known.nextOrdinal;
      const syncedRevision = isWhole ? memory.revision : memory.revision - 1;
      return { memory, archived: { syncedRevision, ...(listing === undefined ? {} : { listing }) } };
    } catch (error) {
      throw asMemoryError(error);
    }
  }
}

/** The archived title, adapted to changes of its message that the archive has not applied yet. */
function listingOf(
  { titledBy, titledFrom = [], edits, erasing }: ConversationMemory,
  { head }: ArchivedConversation,
): Archived["listing"] | undefined {
  const listing = head?.listing;
  if (listing === undefined || listing.isNamed === true) return listing;
  if (titledFrom.length > 0) return listing;
  const edit = edits.find(({ message }) => message === titledBy);
  if (edit !== undefined) return { ...listing, title: titleFrom(edit.text) };
  const isErasing = erasing !== undefined && head?.memory.erasing === undefined;
  const hasGone = isErasing || (titledBy === undefined && head?.memory.titledBy !== undefined);
  return hasGone ? { ...listing, title: "" } : listing;
}

function compared(recall: MemoryRead): MemoryRead {
  if (recall.memory?.uncompared === undefined) return recall;
  const { uncompared: _, ...memory } = recall.memory;
  return { ...recall, memory };
}

function uncompared(recall: MemoryRead): MemoryRead {
  const { memory } = recall;
  if (memory === undefined) return recall;
  return { ...recall, memory: { ...memory, uncompared: memory.uncompared ?? memory.revision } };
}

function asMemoryError(cause: unknown): unknown {
  return cause instanceof ArchiveError ? new MemoryError("The archive can't be reached", { cause }) : cause;
}

function isBehind(
  hot: ConversationMemory | undefined,
  known: ArchivedConversation | undefined,
): known is ArchivedConversation {
  if (known === undefined) return false;
  if (hot === undefined) return true;
  const { nextOrdinal, head, last } = known;
  const isOlder = hot.nextOrdinal < nextOrdinal || hot.revision < (head?.memory.revision ?? hot.revision);
  // An older memory was continued while the archive was unreachable. Its newer revision hides what it lacks.
  const isUncompared = hot.uncompared !== undefined && (head?.memory.revision ?? 0) > hot.uncompared;
  const hasSplit = hot.messages.some(({ id, ordinal }) => ordinal === last?.ordinal && id !== last.id);
  return isOlder || isUncompared || hasSplit;
}
