import type { Keyv } from "keyv";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { MemoryError, type HotMemory, type MemoryRead, type MemorySnapshot } from "../../ports/memory.ts";
import { withDeadline } from "../../async/deadline.ts";
import { yielding } from "../../async/yielding.ts";
import {
  partNames,
  readPage,
  readPart,
  readRecordPage,
  readStored,
  type MemoryHead,
} from "../records/paged-memory.ts";
import { deserialize } from "./keyv-bytes.ts";
import { MemoryPages, type StoredHead } from "./memory-pages.ts";
import type { Found } from "./records-of-head.ts";

const deadlineMs = 1_000;
/** How often a head is read whose pages another process replaces at the same time. */
const maxReads = 10;

/** A head with its bytes, or a memory in one record. */
type Stored = StoredHead | { readonly memory: ConversationMemory };

/**
 * Working memory in a Keyv: a head for each conversation under `memory:<conversation>`, and its pages under
 * `memory:<conversation>|<id>`. Read-only. A memory that an older version wrote lies in one record.
 * The Keyv must have no namespace and must throw its errors (`throwOnErrors`, also of its adapter). Otherwise an
 * outage would look like an empty memory.
 */
export class KeyvMemory implements HotMemory {
  readonly #keyv: Keyv;
  readonly #pages: MemoryPages;

  constructor(keyv: Keyv, pages = new MemoryPages()) {
    this.#keyv = keyv;
    this.#pages = pages;
  }

  readonly read: HotMemory["read"] = async (conversation, signal, snapshot) => {
    const known = snapshot && this.#pages.known(conversation, snapshot.bytes);
    if (known !== undefined) return { memory: known };
    return orMemoryError(() => this.#read(conversation, snapshot), signal);
  };

  readonly readAll: HotMemory["readAll"] = async (conversations, signal) => {
    if (conversations.length === 0) return [];
    const { timesForgotten } = this.#pages;
    const keys = conversations.map(keyOf);
    const heads = await orMemoryError(() => this.#keyv.store.getMany(keys), signal);
    const found: readonly unknown[] = Array.isArray(heads) ? heads : [];
    const known: (ConversationMemory | undefined)[] = [];
    const pause = yielding();
    for (const [index, conversation] of conversations.entries()) {
      await pause();
      known.push(this.#heldOrWhole(conversation, found[index], timesForgotten));
    }
    return Promise.all(
      conversations.map(async (conversation, index) => {
        const memory = known[index];
        return memory === undefined ? this.read(conversation, signal) : { memory };
      }),
    );
  };

  /** The memory with this head. Undefined if that takes another read. */
  #heldOrWhole(
    conversation: ConversationKey,
    bytes: unknown,
    timesForgotten: number,
  ): ConversationMemory | undefined {
    const known = this.#pages.known(conversation, bytes);
    if (known !== undefined) return known;
    const stored = storedIn(bytes, conversation);
    if (stored === undefined || !("head" in stored)) return stored?.memory;
    return this.#pages.assemble(stored, new Map(), timesForgotten);
  }

  async #read(conversation: ConversationKey, snapshot: MemorySnapshot | undefined): Promise<MemoryRead> {
    let stamp: string | undefined;
    for (let reads = 0; reads < maxReads; reads += 1) {
      const seen = reads === 0 ? snapshot : undefined;
      const { timesForgotten } = seen ?? this.#pages;
      const stored = await this.#readStored(conversation, seen);
      if (!("head" in stored)) return stored;
      const { head } = stored;
      const found = await this.#readPages(head);
      const memory = this.#pages.assemble(stored, found, timesForgotten);
      if (memory !== undefined) return { memory };
      // Unless a turn has finished since, a page of this head is missing or broken.
      if (head.stamp === stamp) return { isUnreadable: true, rest: this.#pages.readable(head, found) };
      ({ stamp } = head);
    }
    throw new Error("The memory changes each time that it is read");
  }

  async #readStored(
    conversation: ConversationKey,
    snapshot: MemorySnapshot | undefined,
  ): Promise<Stored | MemoryRead> {
    const key = keyOf(conversation);
    if (snapshot?.bytes === null) return {};
    const first = snapshot ?? (await this.#get(key));
    const known = this.#pages.known(conversation, first.bytes);
    if (known !== undefined) return { memory: known };
    const stored = storedIn(first.bytes, conversation);
    if (stored !== undefined) return stored;
    // The record may have changed since. An unreachable store throws again here.
    const bytes: unknown = await this.#keyv.store.get(key);
    if (bytes !== undefined && bytes !== null) return storedIn(bytes, conversation) ?? { isUnreadable: true };
    if ("error" in first) throw first.error;
    return {};
  }

  async #get(key: string): Promise<{ readonly bytes?: unknown; readonly error?: unknown }> {
    try {
      return { bytes: await this.#keyv.store.get(key) };
    } catch (error) {
      return { error };
    }
  }

  /** The records of a head that this process does not hold, in one round trip. */
  async #readPages(head: MemoryHead): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    const ids = this.#pages.missing(head);
    if (ids.length === 0) return found;
    const keys = ids.map((id) => pageKeyOf(head.conversation, id));
    const all: readonly unknown[] = await this.#keyv.store.getMany(keys);
    const pause = yielding();
    for (const [index, id] of ids.entries()) {
      await pause();
      const envelope = envelopeIn(all[index]);
      if (envelope === undefined) continue;
      found.set(id, { chars: String(all[index]).length, ...contentOf(head, id, envelope.value) });
    }
    return found;
  }
}

/** What a record of a head holds. Empty if it can't be read. */
function contentOf(head: MemoryHead, id: string, value: unknown): Omit<Found, "chars"> {
  const name = partNames.find((each) => head.parts[each] === id);
  const part = name && readPart(name, value);
  if (name !== undefined) return part === undefined ? {} : { part };
  if (head.recordPages?.includes(id) === true) {
    const turnRecords = readRecordPage(value);
    return turnRecords === undefined ? {} : { turnRecords };
  }
  const messages = readPage(value);
  return messages === undefined ? {} : { messages };
}

/** Within the deadline. @throws {MemoryError}, or the signal's reason. */
async function orMemoryError<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await withDeadline(work, deadlineMs, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new MemoryError("The memory store can't be reached", { cause });
  }
}

/** Undefined if the bytes can't be read. */
function envelopeIn(bytes: unknown): { readonly value: unknown } | undefined {
  if (typeof bytes !== "string") return undefined;
  try {
    const envelope: unknown = deserialize(bytes);
    return typeof envelope === "object" && envelope !== null && "value" in envelope ? envelope : undefined;
  } catch {
    // Not only SyntaxError: too deep nesting throws a RangeError.
    return undefined;
  }
}

/** Undefined unless it is a complete, valid record of this conversation. */
function storedIn(bytes: unknown, conversation: ConversationKey): Stored | undefined {
  const envelope = envelopeIn(bytes);
  const stored = envelope && readStored(envelope.value, conversation);
  return stored && "head" in stored ? { ...stored, bytes: String(bytes) } : stored;
}

/** The key of a conversation's memory, as passed to Keyv's adapter. */
export function keyOf(conversation: ConversationKey): string {
  return `memory:${conversation}`;
}

/** The key of a page or a part. It sorts behind the head's, so that SQLite stores both close together. */
export function pageKeyOf(conversation: ConversationKey, id: string): string {
  return `${keyOf(conversation)}|${id}`;
}
