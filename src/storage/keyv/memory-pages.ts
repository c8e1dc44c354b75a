import { nanoid } from "nanoid";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import {
  memoryFrom,
  partNames,
  type MemoryHead,
  type PartName,
  type Parts,
} from "../records/paged-memory.ts";
import { heldOf, HeldMemories, idsOf, type Held, type HeldPart } from "./held-memories.ts";
import type { MemorySnapshot } from "../../ports/memory.ts";
import { serialize } from "./keyv-bytes.ts";
import { pageOf, splitIntoPages, type Page } from "./split-into-pages.ts";

/** A part of so many bytes lies in a record of its own. */
const longChars = 4_000;

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
  missing({ conversation, pages, parts }: MemoryHead): readonly string[] {
    const held = this.#held.get(conversation);
    const known = new Set(held === undefined ? [] : idsOf(held));
    return [...pages, ...Object.values(parts)].filter((id) => !known.has(id));
  }

  /** Undefined if a record is neither held nor `found`. Holds the memory unless one was forgotten since the read began. */
  assemble(
    { head, bytes }: StoredHead,
    found: ReadonlyMap<string, Found>,
    timesForgotten: number,
  ): ConversationMemory | undefined {
    const before = this.#held.get(head.conversation);
    const pages = new Map(before?.pages.map((page) => [page.id, page]));
    const parts = new Map<PartName, HeldPart>();
    const read: Page[] = [];
    for (const id of head.pages) {
      const messages = found.get(id)?.messages;
      const page = pages.get(id) ?? (messages && pageOf(id, messages));
      if (page === undefined) return undefined;
      read.push(page);
    }
    for (const name of partNames) {
      const id = head.parts[name];
      if (id === undefined) continue;
      const known = before?.parts.get(name);
      const { part: value, chars = 0 } = found.get(id) ?? {};
      const part = known?.id === id ? known : value && { id, value, chars };
      if (part === undefined) return undefined;
      parts.set(name, part);
    }
    const messages = read.flatMap((page) => page.messages);
    const memory = memoryFrom(head, messages, valuesIn(parts));
    // Another read may have got a newer head in the meantime.
    const isNewest = before === undefined || before.memory.revision <= memory.revision;
    if (isNewest && timesForgotten === this.timesForgotten)
      this.#held.hold(head.conversation, heldOf(memory, { stamp: head.stamp, bytes }, read, parts));
    return memory;
  }

  /** The memory of a head without the records that are neither held nor `found`. */
  readable(head: MemoryHead, found: ReadonlyMap<string, Found>): ConversationMemory {
    const held = this.#held.get(head.conversation);
    const pages = new Map(held?.pages.map(({ id, messages }) => [id, messages]));
    const messages = head.pages.flatMap((id) => pages.get(id) ?? found.get(id)?.messages ?? []);
    const parts = partNames.flatMap((name) => {
      const id = head.parts[name];
      if (id === undefined) return [];
      const known = held?.parts.get(name);
      const value = known?.id === id ? known.value : found.get(id)?.part;
      return value === undefined ? [] : [[name, value] as const];
    });
    const long: Parts = Object.fromEntries(parts);
    return memoryFrom(head, messages, long);
  }

  /** What a write of the memory changes. `replacing`: everything, whatever is stored. */
  plan(memory: ConversationMemory, replacing?: "all"): MemoryWrite {
    const { conversation, messages } = memory;
    const before = replacing === "all" ? undefined : this.#held.get(conversation);
    const { pages, tail } = splitIntoPages(messages, before?.pages ?? [], newId);
    const { short, long, bytes } = splitParts(memory, before?.parts ?? new Map<PartName, HeldPart>());
    const head = headOf(memory, {
      ...short,
      messages: tail,
      pages: pages.map(({ id }) => id),
      parts: idsIn(long),
    });
    const headBytes = serialize({ value: head });
    const held = heldOf(memory, { stamp: head.stamp, bytes: headBytes }, pages, long);
    const old = new Set(before === undefined ? [] : idsOf(before));
    const now = new Set(idsOf(held));
    const addedPages = pages.filter(({ id }) => !old.has(id));
    return {
      conversation,
      base: before === undefined ? "" : headStart(before.stamp),
      head: headBytes,
      added: [
        ...addedPages.map((page) => ({ id: page.id, bytes: serialize({ value: page.messages }) })),
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

/** A record as it was read. */
export interface Found {
  readonly messages?: readonly RememberedMessage[];
  readonly part?: NonNullable<Parts[PartName]>;
  /** Length of its bytes. */
  readonly chars: number;
}

const newId = (): string => nanoid(idChars);
/** The length of each id. */
export const idChars = 8;

/** The first bytes of a stored head, which name its stamp. */
function headStart(stamp: string): string {
  return serialize({ value: { stamp } }).slice(0, -2);
}

type HeadFields = Parts & Pick<MemoryHead, "messages" | "pages" | "parts">;

function headOf(memory: ConversationMemory, fields: HeadFields): MemoryHead {
  const { summary: _summary, closed: _closed, erasing: _erasing, ...rest } = memory;
  // The stamp is first: see headStart.
  return { stamp: newId(), ...rest, ...fields, version: 3 };
}

interface SplitParts {
  readonly short: Parts;
  readonly long: ReadonlyMap<PartName, HeldPart>;
  /** Of the long ones that are not stored yet. */
  readonly bytes: MemoryWrite["added"];
}

/** Keeps each known part that is still the same object. */
function splitParts(memory: ConversationMemory, known: ReadonlyMap<PartName, HeldPart>): SplitParts {
  const short: [PartName, HeldPart["value"]][] = [];
  const long = new Map<PartName, HeldPart>();
  const added: { id: string; bytes: string }[] = [];
  for (const name of partNames) {
    const value = memory[name];
    const before = known.get(name);
    if (value === undefined) continue;
    if (before?.value === value) {
      long.set(name, before);
      continue;
    }
    const bytes = serialize({ value });
    if (bytes.length < longChars) short.push([name, value]);
    else {
      const id = newId();
      long.set(name, { id, value, chars: bytes.length });
      added.push({ id, bytes });
    }
  }
  return { short: Object.fromEntries(short), long, bytes: added };
}

function idsIn(parts: ReadonlyMap<PartName, HeldPart>): MemoryHead["parts"] {
  return Object.fromEntries(Array.from(parts, ([name, { id }]) => [name, id]));
}

function valuesIn(parts: ReadonlyMap<PartName, HeldPart>): Parts {
  return Object.fromEntries(Array.from(parts, ([name, { value }]) => [name, value]));
}
