import type { ConversationKey } from "../domain/conversation.ts";
import type { FeedbackRange, RatedTurn } from "../domain/feedback.ts";
import type { TurnId } from "../domain/message.ts";
import type { TurnRecord } from "../domain/turn-record.ts";

/** Reads the archived records of turns, and what people think of them. `Archive.sync` stores both. */
export interface TurnRecords {
  /** The newest `limit` records of a conversation, newest first. @throws {ArchiveError} */
  readonly newest: (
    conversation: ConversationKey,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly TurnRecord[]>;
  /** One record. Undefined if it is unknown or erased. @throws {ArchiveError} */
  readonly find: (turn: TurnId, signal: AbortSignal) => Promise<TurnRecord | undefined>;
  /** The newest feedback, newest first. @throws {ArchiveError} */
  readonly newestFeedback: (range: FeedbackRange, signal: AbortSignal) => Promise<readonly RatedTurn[]>;
}
