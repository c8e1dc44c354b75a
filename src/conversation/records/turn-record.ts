import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { MessageId, TurnId } from "../../domain/message.ts";
import type { PromptPurpose } from "../../domain/prompt.ts";
import type { Turn } from "../../domain/turn.ts";
import type { AnswerAccount, TurnRecord } from "../../domain/turn-record.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";

/** The most messages that a record names besides its trigger and its reply. */
const maxCovered = 100;
/** While the archive is away, older records are dropped. */
const maxPending = 200;

/** What the record of background work needs. */
export interface BackgroundPorts {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly settingsVersion: string;
}

/** What a finished turn did, and its author. Optional properties as in TurnRecord. */
export interface FinishedTurn {
  readonly turn: Pick<Turn, "id" | "attempt">;
  readonly purpose: PromptPurpose;
  readonly account: AnswerAccount;
  readonly author?: string;
  readonly command?: string;
  readonly trigger?: MessageId | undefined;
  readonly covers?: readonly MessageId[];
  readonly replyId?: MessageId | undefined;
  readonly replaces?: TurnId | undefined;
  readonly askedAtMs?: number;
  readonly settingsVersion: string;
  readonly finishedAtMs: number;
}

/** The record of a turn. `memory`: as the turn leaves it, or as background work has read it. */
export function turnRecord(
  memory: Pick<ConversationMemory, "conversation" | "platform" | "place" | "nextOrdinal" | "revision">,
  finished: FinishedTurn,
): TurnRecord {
  const { conversation, platform, place, nextOrdinal, revision } = memory;
  const { turn, account, covers = [], trigger, replyId, replaces, ...rest } = finished;
  return {
    ...rest,
    ...account,
    id: turn.id,
    conversation,
    platform,
    place,
    ...(trigger === undefined ? {} : { trigger }),
    covers: covers.slice(-maxCovered),
    ...(replyId === undefined ? {} : { replyId }),
    ...(replaces === undefined ? {} : { replaces }),
    ordinal: nextOrdinal - 1,
    revision,
    attempt: turn.attempt,
  };
}

/** The record of a summary or a title, which no person asked for. `memory`: as it was read for it. */
export function backgroundRecord(
  { ids, clock, settingsVersion }: BackgroundPorts,
  memory: Parameters<typeof turnRecord>[0],
  done: Pick<FinishedTurn, "purpose" | "account" | "covers">,
): TurnRecord {
  const turn = { id: ids.turn(), attempt: 0 };
  return turnRecord(memory, { ...done, turn, settingsVersion, finishedAtMs: clock.nowMs() });
}

/** Adds a record to those that the archive has yet to store. A memory without messages keeps none. Idempotent by id. */
export function addRecord(memory: ConversationMemory, record: TurnRecord): ConversationMemory {
  if (memory.nextOrdinal === 1) return memory;
  const others = (memory.records ?? []).filter(({ id }) => id !== record.id);
  return { ...memory, records: [...others, { ...record, revision: memory.revision }].slice(-maxPending) };
}
