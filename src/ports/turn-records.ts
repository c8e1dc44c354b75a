import type { ConversationKey } from "../domain/conversation.ts";
import type { TurnRecord } from "../domain/turn-record.ts";

/** The archived records of finished turns. `Archive.sync` stores them. */
export interface TurnRecords {
  /** The newest `limit` records of a conversation, newest first. @throws {ArchiveError} */
  readonly turnRecords: (
    conversation: ConversationKey,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly TurnRecord[]>;
}
