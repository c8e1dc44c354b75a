import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Postgres } from "./postgres.ts";
import type { Query } from "./query.ts";

// Class 7 of the two-number advisory locks is the archive's. `draw_keys` takes (7, 0) as well.
const lockConversation =
  "SELECT pg_advisory_xact_lock_shared(7, 0), pg_advisory_xact_lock(hashtextextended($1, 7))";
/** In the order of their locks, so that no two transactions wait for each other. */
const lockConversations = `SELECT pg_advisory_xact_lock_shared(7, 0), pg_advisory_xact_lock(number)
  FROM (SELECT DISTINCT hashtextextended(each, 7) AS number FROM unnest($1::text[]) AS each ORDER BY number) AS sorted`;
const lockArchive = "SELECT pg_advisory_xact_lock(7, 0)";

/**
 * A transaction that alone changes its conversation, so it sees the tombstones of the one before.
 * @throws {ArchiveError}, or the signal's reason.
 */
export async function inConversation<T>(
  postgres: Postgres,
  conversation: ConversationKey,
  work: (query: Query) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return postgres.transaction(async (query) => {
    await query(lockConversation, [conversation]);
    return work(query);
  }, signal);
}

/** As `inConversation`, for several. @throws {ArchiveError}, or the signal's reason. */
export async function inConversations<T>(
  postgres: Postgres,
  conversations: readonly ConversationKey[],
  work: (query: Query) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return postgres.transaction(async (query) => {
    await query(lockConversations, [conversations]);
    return work(query);
  }, signal);
}

/**
 * A transaction that starts when every transaction that writes messages or has drawn keys is over, and keeps new ones
 * out. Later ones see what it wrote. @throws {ArchiveError}, or the signal's reason.
 */
export async function withArchiveLocked(
  postgres: Postgres,
  work: (query: Query) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  await postgres.transaction(async (query) => {
    await query(lockArchive);
    await work(query);
  }, signal);
}
