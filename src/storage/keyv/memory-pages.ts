import { nanoid } from "nanoid";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { MemorySnapshot } from "../../ports/memory.ts";
import { memoryFrom, type MemoryHead, type PartName, type Parts } from "../records/paged-memory.ts";
import { heldOf, HeldMemories, idsOf, type Held, type HeldPart } from "./held-memories.ts";
import { serialize } from "./keyv-bytes.ts";
import { elsewhereIn, recordsOf, type Found } from "./records-of-head.ts";
import { splitIntoPages } from "./split-into-pages.ts";
import { partIdsIn, splitParts } from "./split-parts.ts";
import { splitRecords } from "./split-records.ts";

/** What one write of a memory changes in its store. All bytes are Keyv's. */
export interface MemoryWrite {
  readonly conversation: ConversationKey;
  /** What the stored head must begin with. Empty: this replaces all, whatever is stored. */
  readonly base: string;
  readonly head: string;
  readonly added: readonly { readonly id: string; readonly bytes: string }[];
  /** The ids of the records to remove. */
  readonly gone: readonly string[];
  readonly held: Held;
}

/**
 * Assembles memories from their stored records, and plans their writes. What this process holds is not read or written again:
 * a page with an id never changes, so one that is held is never outdated. A head that still has the same bytes is not parsed.
 */
export class MemoryPages {
  readonly #held: HeldMemories;

  constructor(held = new HeldMemories()) {
    this.#held = held;
  }

  /** The memory whose stored head has these bytes. Undefined unless this process holds it. */
  known(conversation: ConversationKey, bytes: unknown): ConversationMemory | undefined {
    const held = this.#held.get(conversation);
    if (held === undefined || held.head !== bytes) return undefined;
    this.#held.hold(conversation, held);
    return held.memory;
  }

  /** The stored head of a memory that this process holds. */
  heldHead(conversation: ConversationKey): HeldHead {
    const held = this.#held.get(conversation);
    const { timesForgotten } = this;
    if (held === undefined) return { start: "", bytes: null, timesForgotten };
    return { start: headStart(held.stamp), bytes: held.head, timesForgotten };
  }

  /** What `assemble` must be told: take it before the head is read. */
  get timesForgotten(): number {
    return this.#held.timesForgotten;
  }

  /** The ids of a head's records that this process does not hold. */
  missing({ conversation, pages, parts, recordPages = [] }: MemoryHead): readonly string[] {
    const held = this.#held.get(conversation);
    const known = new Set(held === undefined ? [] : idsOf(held));
    return [...pages, ...Object.values(parts), ...recordPages].filter((id) => !known.has(id));
  }

  /** Undefined if a record is neither held nor `found`. Holds the memory unless one was forgotten since the read began. */
  assemble(
    { head, bytes }: StoredHead,
    found: ReadonlyMap<string, Found>,
    timesForgotten: number,
  ): ConversationMemory | undefined {
    const before = this.#held.get(head.conversation);
    const records = recordsOf(head, before, found);
    if (!records.isWhole) return undefined;
    const memory = memoryFrom(head, elsewhereIn(records));
    // Another read may have got a newer head in the meantime.
    const isNewest = before === undefined || before.memory.revision <= memory.revision;
    if (isNewest && timesForgotten === this.timesForgotten)
      this.#held.hold(head.conversation, heldOf(memory, { stamp: head.stamp, bytes }, records));
    return memory;
  }

  /** The memory of a head without the records that are neither held nor `found`. */
  readable(head: MemoryHead, found: ReadonlyMap<string, Found>): ConversationMemory {
    return memoryFrom(head, elsewhereIn(recordsOf(head, this.#held.get(head.conversation), found)));
  }

  /** What a write of the memory changes. `replacing`: everything, whatever is stored. */
  plan(memory: ConversationMemory, replacing?: "all"): MemoryWrite {
    const { conversation, messages } = memory;
    const before = replacing === "all" ? undefined : this.#held.get(conversation);
    const { pages, tail } = splitIntoPages(messages, before?.pages ?? [], newId);
    const { recordPages, tail: records } = splitRecords(
      memory.records ?? [],
      before?.recordPages ?? [],
      newId,
    );
    const { short, long, bytes } = splitParts(memory, before?.parts ?? new Map<PartName, HeldPart>(), newId);
    const head = headOf(memory, {
      ...short,
      messages: tail,
      pages: pages.map(({ id }) => id),
      parts: partIdsIn(long),
      ...(memory.records === undefined ? {} : { records }),
      ...(recordPages.length === 0 ? {} : { recordPages: recordPages.map(({ id }) => id) }),
    });
    const headBytes = serialize({ value: head });
    const held = heldOf(memory, { stamp: head.stamp, bytes: headBytes }, { pages, recordPages, parts: long });
    const old = new Set(before === undefined ? [] : idsOf(before));
    const now = new Set(idsOf(held));
    const stored = [
      ...pages.map(({ id, messages: value }) => ({ id, value })),
      ...recordPages.map(({ id, records: value }) => ({ id, value })),
    ];
    return {
      conversation,
      base: before === undefined ? "" : headStart(before.stamp),
      head: headBytes,
      added: [
        ...stored
          .filter(({ id }) => !old.has(id))
          .map(({ id, value }) => ({ id, bytes: serialize({ value }) })),
        ...bytes,
      ],
      gone: [...old].filter((id) => !now.has(id)),
      held,
    };
  }

  /** The write was stored. */
  written({ conversation, held }: MemoryWrite): void {
    this.#held.hold(conversation, held);
  }

  forget(conversation: ConversationKey): void {
    this.#held.forget(conversation);
  }
}

/** A stored head that this process holds. */
export interface HeldHead extends MemorySnapshot {
  /** What its bytes begin with, and those of no other head. Empty: none is held. */
  readonly start: string;
}

/** `bytes`: the head's. */
export interface StoredHead {
  readonly head: MemoryHead;
  readonly bytes: string;
}

const newId = (): string => nanoid(idChars);
/** The length of each id. */
export const idChars = 8;

/** The first bytes of a stored head, which name its stamp. */
function headStart(stamp: string): string {
  return serialize({ value: { stamp } }).slice(0, -2);
}

type HeadFields = Parts & Pick<MemoryHead, "messages" | "pages" | "parts" | "records" | "recordPages">;

function headOf(memory: ConversationMemory, fields: HeadFields): MemoryHead {
  const { summary: _summary, closed: _closed, erasing: _erasing, records: _records, ...rest } = memory;
  // The stamp is first: see headStart.
  return { stamp: newId(), ...rest, ...fields, version: 3 };
}
