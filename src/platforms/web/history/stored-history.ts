import { withDeadline } from "../../../async/deadline.ts";
import { applyPendingChanges } from "../../../domain/apply-pending-changes.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { Archive } from "../../../ports/archive.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { fitNewest, fullPage, type PageSize } from "./fit-newest.ts";
import type { StoredMessage } from "./shown-message.ts";
import type { Verdicts } from "./verdicts.ts";

const archiveDeadlineMs = 2_000;
/** After a failure the archive is not asked for this long. */
const archivePauseMs = 5_000;

/** What reading what is stored needs. */
export interface StoredPorts {
  /** Missing: only memory is read. */
  readonly archive?: Archive;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a part of a conversation leaves out. */
export interface PartBounds {
  /** Messages before this ordinal were not read. Missing: there are none. */
  readonly more?: number;
  /** The archive was unreachable, so older messages may be missing. */
  readonly isIncomplete?: true;
}

interface StoredPart extends PartBounds {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
}

/** Reads parts of a conversation as they are stored: from its memory, and what is older from the archive. */
export class StoredHistory {
  readonly #ports: StoredPorts;
  #archivePausedUntilMs = 0;

  constructor(ports: StoredPorts) {
    this.#ports = ports;
  }

  /** The newest messages before an ordinal that fit on a page. `before` missing: up to the end. */
  async partBefore(
    key: ConversationKey,
    memory: ConversationMemory | undefined,
    before: number | undefined,
  ): Promise<StoredPart> {
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

  /** What a person thinks of the answers of these turns. Empty also if the archive is unreachable. */
  async verdictsOf(user: string, turns: readonly TurnId[]): Promise<Verdicts> {
    const { archive } = this.#ports;
    if (archive === undefined || turns.length === 0) return new Map();
    const archived = await this.#ask((signal) => archive.verdictsOf(user, turns, signal));
    return archived === "unreachable" ? new Map() : archived;
  }

  async #archived(
    key: ConversationKey,
    {
      memory,
      before,
    }: { readonly memory: ConversationMemory | undefined; readonly before: number | undefined },
    room: PageSize,
  ): Promise<StoredPart | "unreachable"> {
    const { archive } = this.#ports;
    const from = erasedBefore(memory);
    if (archive === undefined || (before ?? Infinity) <= from) return { messages: [] };
    if (room.messages < 1 || room.chars < 1) return { messages: [], ...moreBefore(before) };
    const range = {
      conversation: key,
      fromOrdinal: from,
      ...(before === undefined ? {} : { beforeOrdinal: before }),
      limit: room.messages,
      end: "last",
    } as const;
    const archived = await this.#ask((signal) => archive.read(range, signal));
    if (archived === "unreachable") return archived;
    const { fitting } = fitNewest(archived, room);
    const isAll = archived.length < room.messages && fitting.length === archived.length;
    const messages = memory === undefined ? fitting : applyPendingChanges(memory, fitting);
    return { messages, ...(isAll ? {} : moreBefore(fitting[0]?.ordinal)) };
  }

  async #ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T | "unreachable"> {
    const { clock, log } = this.#ports;
    if (clock.nowMs() < this.#archivePausedUntilMs) return "unreachable";
    try {
      const signal = AbortSignal.timeout(archiveDeadlineMs);
      return await withDeadline(() => question(signal), archiveDeadlineMs, signal);
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
