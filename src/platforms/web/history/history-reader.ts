import { applyPendingChanges } from "../../../domain/apply-pending-changes.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Archive } from "../../../ports/archive.ts";
import type { Log } from "../../../ports/log.ts";
import type { Memory } from "../../../ports/memory.ts";
import { withDeadline } from "../../../runtime/deadline.ts";
import type { ConversationViews, StoredMessage } from "./conversation-views.ts";
import { fitNewest, fullPage, type PageSize } from "./fit-newest.ts";

const memoryDeadlineMs = 10_000;
const archiveDeadlineMs = 2_000;
/** After it failed, pages are not kept waiting for it again and again. */
const archivePauseMs = 5_000;

interface HistoryPorts {
  readonly memories: Memory;
  readonly archive?: Archive;
  readonly views: ConversationViews;
  readonly clock: Clock;
  readonly log: Log;
}

/** A part of a conversation as it reads now. */
export interface HistoryPart {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  /** What stands before this ordinal was not read. Missing: nothing does. */
  readonly more?: number;
  /** The ledger could not be asked: what is older may be missing. */
  readonly isIncomplete?: true;
}

/** The newest part, with the memory that it was read from. */
export interface NewestHistory extends HistoryPart {
  readonly memory: ConversationMemory | undefined;
  /** Grows with every read at memory: what was begun later is not older. */
  readonly order: number;
}

/** Reads what pages show: what memory holds, and before that what the ledger has. */
export class HistoryReader {
  readonly #ports: HistoryPorts;
  #reads = 0;
  #archivePausedUntilMs = 0;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /**
   * A turn that finishes meanwhile would be in neither what is read nor what waits: then it is read again. `use` is called
   * in the very moment in which that is known. @throws {MemoryError}
   */
  async newest(key: ConversationKey, use: (part: NewestHistory) => void): Promise<void> {
    for (;;) {
      using read = this.#ports.views.beginRead(key);
      this.#reads += 1;
      const order = this.#reads;
      const memory = await this.#readMemory(key);
      const part = await this.#partBefore(key, memory, memory?.nextOrdinal);
      if (!read.isStale) return use({ ...part, memory, order });
    }
  }

  /** The part that ends before an ordinal. @throws {MemoryError} */
  async older(key: ConversationKey, before: number): Promise<HistoryPart> {
    return this.#partBefore(key, await this.#readMemory(key), before);
  }

  async #readMemory(key: ConversationKey): Promise<ConversationMemory | undefined> {
    return (await this.#ports.memories.read(key, AbortSignal.timeout(memoryDeadlineMs))).memory;
  }

  /** `before` missing: all that there is. */
  async #partBefore(
    key: ConversationKey,
    memory: ConversationMemory | undefined,
    before: number | undefined,
  ): Promise<HistoryPart> {
    const remembered = (memory?.messages ?? []).filter(
      ({ ordinal }) => before === undefined || ordinal < before,
    );
    const { fitting, left } = fitNewest(remembered, fullPage);
    const first = fitting[0]?.ordinal ?? before;
    if (fitting.length < remembered.length) return { messages: fitting, ...moreBefore(first) };
    const archived = await this.#archived(key, { memory, before: first }, left);
    if (archived === "unreachable") return { messages: fitting, ...moreBefore(first), isIncomplete: true };
    return { ...archived, messages: [...archived.messages, ...fitting] };
  }

  async #archived(
    key: ConversationKey,
    {
      memory,
      before,
    }: { readonly memory: ConversationMemory | undefined; readonly before: number | undefined },
    room: PageSize,
  ): Promise<HistoryPart | "unreachable"> {
    const { archive, clock, log } = this.#ports;
    const from = erasedBefore(memory);
    if (archive === undefined || (before ?? Infinity) <= from) return { messages: [] };
    if (room.messages < 1 || room.chars < 1) return { messages: [], ...moreBefore(before) };
    if (clock.nowMs() < this.#archivePausedUntilMs) return "unreachable";
    const range = {
      conversation: key,
      fromOrdinal: from,
      ...(before === undefined ? {} : { beforeOrdinal: before }),
      limit: room.messages,
      end: "last",
    } as const;
    try {
      const signal = AbortSignal.timeout(archiveDeadlineMs);
      const archived = await withDeadline(() => archive.read(range, signal), archiveDeadlineMs, signal);
      const { fitting } = fitNewest(archived, room);
      const isAll = archived.length < room.messages && fitting.length === archived.length;
      const messages = memory === undefined ? fitting : applyPendingChanges(memory, fitting);
      return { messages, ...(isAll ? {} : moreBefore(fitting[0]?.ordinal)) };
    } catch (error) {
      this.#archivePausedUntilMs = clock.nowMs() + archivePauseMs;
      log.warn({ err: error }, "a page shows only what working memory holds: the archive is away");
      return "unreachable";
    }
  }
}

/** Below the first message that was read there may be more, unless it is the first of all. */
function moreBefore(first: number | undefined): { readonly more?: number } {
  return first === undefined || first <= 1 ? {} : { more: first };
}

/** What stands before this ordinal is forgotten. */
function erasedBefore(memory: ConversationMemory | undefined): number {
  return Math.max(
    1,
    ...(memory?.erasures ?? []).map((each) => (each.kind === "all" ? each.beforeOrdinal : 1)),
  );
}
