import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { TurnRecord } from "../../domain/turn-record.ts";
import type { PartName, Parts } from "../records/paged-memory.ts";
import type { Page } from "./split-into-pages.ts";
import type { RecordPage } from "./split-records.ts";

/** About as much as this process may hold, in characters of text. */
const maxHeldChars = 32 * 2 ** 20;
/** Another process may have erased what was not used for so long, and its broadcast got lost. */
const unusedMs = 10 * 60_000;
/** What a memory costs besides its head and its pages. */
const memoryChars = 500;
/** What a turn record costs, and what it does for each message that it covers and each step. */
const recordChars = { record: 800, message: 40, step: 100 };

export interface HeldPart {
  readonly id: string;
  readonly value: NonNullable<Parts[PartName]>;
  /** Length of its bytes. */
  readonly chars: number;
}

/** What is held of a memory's records besides its head. */
export interface HeldRecords {
  readonly pages: readonly Page[];
  readonly recordPages: readonly RecordPage[];
  readonly parts: ReadonlyMap<PartName, HeldPart>;
}

/** A memory as it is stored. */
export interface Held extends HeldRecords {
  /** The head's. */
  readonly stamp: string;
  readonly memory: ConversationMemory;
  /** The bytes of its head. */
  readonly head: string;
  readonly chars: number;
}

/** The memories that this process holds. The least recently used are dropped, and all that are not used for ten minutes. */
export class HeldMemories {
  readonly #nowMs: () => number;
  /** The least recently used first. */
  readonly #held = new Map<ConversationKey, Held & { readonly usedAtMs: number }>();
  #chars = 0;
  #timesForgotten = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Grows when a memory is forgotten. What was read before may have been erased since, and must not be held. */
  get timesForgotten(): number {
    return this.#timesForgotten;
  }

  get(conversation: ConversationKey): Held | undefined {
    return this.#held.get(conversation);
  }

  /** Replaces what was held of the conversation. */
  hold(conversation: ConversationKey, held: Held): void {
    this.#drop(conversation);
    this.#held.set(conversation, { ...held, usedAtMs: this.#nowMs() });
    this.#chars += held.chars;
    for (const oldest of this.#held.keys()) {
      if (this.#chars <= maxHeldChars) return;
      this.#drop(oldest);
    }
  }

  forget(conversation: ConversationKey): void {
    this.#timesForgotten += 1;
    this.#drop(conversation);
  }

  /** Forgets a memory unless it is that of the head with this stamp. Undefined: there is no head any more. */
  forgetOlder(conversation: ConversationKey, stamp: string | undefined): void {
    this.#timesForgotten += 1;
    if (this.#held.get(conversation)?.stamp !== stamp) this.#drop(conversation);
  }

  /** Call it every minute. */
  dropUnused(): void {
    const beforeMs = this.#nowMs() - unusedMs;
    for (const [conversation, { usedAtMs }] of this.#held) {
      if (usedAtMs > beforeMs) return;
      this.#drop(conversation);
    }
  }

  #drop(conversation: ConversationKey): void {
    this.#chars -= this.#held.get(conversation)?.chars ?? 0;
    this.#held.delete(conversation);
  }
}

/** The records must be those of the memory. */
export function heldOf(
  memory: ConversationMemory,
  head: { readonly stamp: string; readonly bytes: string },
  { pages, recordPages, parts }: HeldRecords,
): Held {
  // The head is held as bytes and as what they say.
  let chars = memoryChars + 2 * head.bytes.length;
  for (const part of parts.values()) chars += part.chars;
  for (const page of pages) chars += page.chars;
  for (const page of recordPages) for (const record of page.records) chars += costOf(record);
  return { stamp: head.stamp, memory, head: head.bytes, pages, recordPages, parts, chars };
}

function costOf({ covers, steps }: TurnRecord): number {
  return recordChars.record + recordChars.message * covers.length + recordChars.step * steps.length;
}

/** The ids of all records that are held of a memory. */
export function idsOf({ pages, recordPages, parts }: HeldRecords): readonly string[] {
  return [...pages, ...recordPages, ...parts.values()].map(({ id }) => id);
}
