import type { DatabaseSync } from "node:sqlite";

import type { ArchivedConversation } from "../../../domain/archived-conversation.ts";
import { conversationKey, type ConversationKey, type DirectoryEntry } from "../../../domain/conversation.ts";
import type { ConversationLocation } from "../../../domain/archive.ts";
import type { Message, MessageId } from "../../../domain/message.ts";
import { listedFrom, lastMessageIn, readHead } from "../../records/head-record.ts";

/** A message id in its place. */
type MessageLocation = readonly [platform: string, place: string, message: MessageId];

/** The queries on whole conversations. See ArchivedConversations. */
export function conversationReader(database: DatabaseSync) {
  const { known, lacks, locate, holding, recent, keysAfter } = prepareStatements(database);
  return {
    known: async (conversation: ConversationKey): Promise<ArchivedConversation | undefined> => {
      const row = known.get(conversation);
      const nextOrdinal = Number(row?.["bound"] ?? 0);
      if (row === undefined || nextOrdinal === 0) return undefined;
      const head = readHead(row);
      return { nextOrdinal, ...lastMessageIn(row), ...(head === undefined ? {} : { head }) };
    },
    lacks: async ([location, messages]: readonly [ConversationLocation, readonly Message[]]) => {
      const { conversation, platform } = location;
      const given = messages.map(({ id, author, saidAtMs }) => ({ id, author: author.id, saidAtMs }));
      return lacks.all(conversation, platform, JSON.stringify(given)).map((row) => String(row["id"]));
    },
    locate: async (where: MessageLocation): Promise<ConversationKey | undefined> => {
      const row = locate.get(...where);
      return row === undefined ? undefined : conversationKey(row["conversation"]);
    },
    holding: async (where: MessageLocation): Promise<readonly ConversationKey[]> =>
      holding.all(...where).map((row) => conversationKey(row["conversation"])),
    keysAfter: async (from: readonly [after: string, limit: number]): Promise<readonly ConversationKey[]> =>
      keysAfter.all(...from).map((row) => conversationKey(row["conversation"])),
    recent: async (where: readonly [platform: string, place: string, limit: number]) =>
      listedFrom(recent.all(...where)) satisfies readonly DirectoryEntry[],
  };
}

function prepareStatements(database: DatabaseSync) {
  const said = "json_extract(given.value, '$.saidAtMs')";
  return {
    known: database.prepare(
      `SELECT head.*, MAX(COALESCE(head.next_ordinal, 0),
         COALESCE(last.ordinal + 1, 0),
         COALESCE((SELECT before_ordinal FROM erased WHERE conversation = ?1), 0),
         COALESCE((SELECT MAX(before_ordinal) FROM erased_author WHERE conversation = ?1), 0)) AS bound,
         last.id AS last_id, last.ordinal AS last_ordinal
       FROM (SELECT ?1 AS sought) LEFT JOIN head ON head.conversation = sought
       LEFT JOIN (SELECT id, ordinal FROM message WHERE conversation = ?1 ORDER BY ordinal DESC LIMIT 1) AS last`,
    ),
    lacks: database.prepare(
      `SELECT json_extract(given.value, '$.id') AS id FROM json_each(?3) AS given
       WHERE NOT EXISTS (SELECT 1 FROM message WHERE conversation = ?1 AND message.id = json_extract(given.value, '$.id'))
         AND NOT EXISTS (SELECT 1 FROM tombstone WHERE conversation = ?1 AND tombstone.id = json_extract(given.value, '$.id'))
         AND NOT EXISTS (SELECT 1 FROM expired WHERE before_ms > ${said})
         AND NOT EXISTS (SELECT 1 FROM forgotten WHERE platform = ?2
           AND author = json_extract(given.value, '$.author') AND before_ms > ${said})`,
    ),
    locate: database.prepare(
      "SELECT conversation FROM message WHERE platform = ? AND place = ? AND id = ? ORDER BY row DESC LIMIT 1",
    ),
    holding: database.prepare(
      "SELECT DISTINCT conversation FROM message WHERE platform = ? AND place = ? AND id = ? LIMIT 1000",
    ),
    keysAfter: database.prepare(
      `SELECT conversation FROM head WHERE conversation > ?1
       UNION SELECT DISTINCT conversation FROM message WHERE conversation > ?1
       UNION SELECT conversation FROM erased WHERE conversation > ?1 ORDER BY conversation LIMIT ?2`,
    ),
    recent: database.prepare(
      `SELECT conversation, platform, place, title, last_at_ms FROM head
       WHERE platform = ? AND place = ? AND title IS NOT NULL ORDER BY last_at_ms DESC LIMIT ?`,
    ),
  };
}
