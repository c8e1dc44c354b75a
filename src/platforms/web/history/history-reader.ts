import { applyPendingChanges } from "../../../domain/apply-pending-changes.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Archive } from "../../../ports/archive.ts";
import type { Log } from "../../../ports/log.ts";
import type { Memory } from "../../../ports/memory.ts";
import { withDeadline } from "../../../async/deadline.ts";
import type { ConversationViews, StoredMessage } from "./conversation-views.ts";
import { fitNewest, fullPage, type PageSize } from "./fit-newest.ts";

const memoryDeadlineMs = 10_000;
const archiveDeadlineMs = 2_000;
/** After a failure the archive is not asked for this long. */
const archivePauseMs = 5_000;

interface HistoryPorts {
  readonly memories: Memory;
  readonly archive?: Archive;
  readonly views: ConversationViews;
  readonly clock: Clock;
  readonly log: Log;
}

/** A part of a conversation in its current form. */
export interface HistoryPart {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  /** Messages before this ordinal were not read. Missing: there are none. */
  readonly more?: number;
  /** The archive was unreachable, so older messages may be missing. */
  readonly isIncomplete?: true;
}

/** The newest part, and the memory it was read from. */
export interface NewestHistory extends HistoryPart {
  readonly memory: ConversationMemory | undefined;
  /** Increases with every read, in the order of their starts. */
  readonly order: number;
}

/** Reads the history for pages: from memory, and what is older from the archive. */
export class HistoryReader {
  readonly #ports: HistoryPorts;
  #reads = 0;
  #archivePausedUntilMs = 0;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /**
   * Reads again if a turn finished during the read: it would be missing. `use` is called synchronously after that
   * check. @throws {MemoryError}
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

  /** `before` missing: up to the end. */
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
      log.warn({ err: error }, "the archive is unreachable; pages show only the newest messages");
      return "unreachable";
    }
  }
}

/** Older messages may exist, unless the first message was read. */
function moreBefore(first: number | undefined): { readonly more?: number } {
  return first === undefined || first <= 1 ? {} : { more: first };
}

/** Messages before this ordinal are erased. */
function erasedBefore(memory: ConversationMemory | undefined): number {
  return Math.max(
    1,
    ...(memory?.erasures ?? []).map((each) => (each.kind === "all" ? each.beforeOrdinal : 1)),
  );
}
