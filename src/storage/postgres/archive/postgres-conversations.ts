import { conversationKey } from "../../../domain/conversation.ts";
import type { ArchivedConversations } from "../../../ports/archived-conversations.ts";
import { listedFrom, lastMessageIn, readHead } from "../../records/head-record.ts";
import { coverColumn } from "../sealing/keys.ts";
import { inConversation } from "../database/locked-transactions.ts";
import type { Query } from "../database/query.ts";
import { schema } from "../database/migrate.ts";
import type { Postgres } from "../database/postgres.ts";
import { openHead, renameHead } from "./sealed-head.ts";
import { json } from "../database/storable.ts";

const sql = {
  known: `SELECT head.*, ${coverColumn}, is_named::int AS is_named, GREATEST(COALESCE(head.next_ordinal, 0),
      COALESCE(last.ordinal + 1, 0),
      COALESCE((SELECT before_ordinal FROM ${schema}.erased WHERE conversation = $1), 0),
      COALESCE((SELECT MAX(before_ordinal) FROM ${schema}.erased_author WHERE conversation = $1), 0)) AS bound,
      last.id AS last_id, last.ordinal AS last_ordinal
    FROM (SELECT $1::text AS sought) AS asked LEFT JOIN ${schema}.head ON head.conversation = sought
    LEFT JOIN (SELECT id, ordinal FROM ${schema}.message WHERE conversation = $1
      ORDER BY ordinal DESC LIMIT 1) AS last ON true`,
  lacks: `SELECT id FROM json_to_recordset($3::json) AS given (id text, author text, said bigint)
    WHERE NOT EXISTS (SELECT FROM ${schema}.message WHERE conversation = $1 AND message.id = given.id)
      AND NOT EXISTS (SELECT FROM ${schema}.tombstone WHERE conversation = $1 AND tombstone.id = given.id)
      AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > said)
      AND NOT EXISTS (SELECT FROM ${schema}.forgotten
        WHERE platform = $2 AND forgotten.author = given.author AND before_ms > said)`,
  locate: `SELECT conversation FROM ${schema}.message
    WHERE platform = $1 AND place = $2 AND id = $3 ORDER BY row DESC LIMIT 1`,
  holding: `SELECT DISTINCT conversation FROM ${schema}.message
    WHERE platform = $1 AND place = $2 AND id = $3 LIMIT 1000`,
  recent: `SELECT conversation, platform, place, title, last_at_ms, key, ${coverColumn} FROM ${schema}.head
    WHERE platform = $1 AND place = $2 AND title IS NOT NULL ORDER BY last_at_ms DESC LIMIT $3`,
  keysAfter: `(SELECT conversation FROM ${schema}.head WHERE conversation > $1 ORDER BY conversation LIMIT $2)
    UNION (SELECT DISTINCT conversation FROM ${schema}.message WHERE conversation > $1 ORDER BY conversation LIMIT $2)
    UNION (SELECT conversation FROM ${schema}.erased WHERE conversation > $1 ORDER BY conversation LIMIT $2)
    ORDER BY conversation LIMIT $2`,
  expire: `WITH gone AS (DELETE FROM ${schema}.head WHERE conversation IN (SELECT conversation FROM ${schema}.head
      WHERE synced_at_ms < $1 AND last_at_ms < $1
        AND NOT EXISTS (SELECT FROM ${schema}.message WHERE message.conversation = head.conversation)
      LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING conversation),
    unnamed AS (DELETE FROM ${schema}.head_speaker WHERE conversation IN (SELECT conversation FROM gone))
    SELECT conversation FROM gone`,
} as const;

function messageLocations(postgres: Postgres): Pick<ArchivedConversations, "locate" | "conversationsWith"> {
  return {
    locate: async (platform, place, message, signal) => {
      const [row] = await postgres.query(sql.locate, [platform, place, message], signal);
      return row === undefined ? undefined : conversationKey(row["conversation"]);
    },
    conversationsWith: async (platform, place, message, signal) => {
      const rows = await postgres.query(sql.holding, [platform, place, message], signal);
      return rows.map((row) => conversationKey(row["conversation"]));
    },
  };
}

/** The conversations of the archive in Postgres. */
export function postgresConversations(postgres: Postgres): ArchivedConversations {
  return {
    findConversation: async (conversation, signal) => {
      const [row = {}] = await postgres.query(sql.known, [conversation], signal);
      const nextOrdinal = Number(row["bound"] ?? 0);
      if (nextOrdinal === 0) return undefined;
      const head = readHead(openHead(row));
      return { nextOrdinal, ...lastMessageIn(row), ...(head === undefined ? {} : { head }) };
    },
    findMissing: async ({ conversation, platform }, messages, signal) => {
      const given = messages.map(({ id, author, saidAtMs }) => ({ id, author: author.id, said: saidAtMs }));
      const rows = await postgres.query(sql.lacks, [conversation, platform, json(given)], signal);
      return rows.map((row) => String(row["id"]));
    },
    ...messageLocations(postgres),
    recent: async (platform, place, limit, signal) => {
      const rows = await postgres.query(sql.recent, [platform, place, limit], signal);
      return listedFrom(rows.map(openHead).filter(({ title }) => title !== null));
    },
    keysAfter: async (after, limit, signal) => {
      const rows = await postgres.query(sql.keysAfter, [after, limit], signal);
      return rows.map((row) => conversationKey(row["conversation"]));
    },
    expireHeads: async (beforeMs, limit, signal) => {
      const rows = await postgres.query(sql.expire, [beforeMs, limit], signal);
      return rows.map((row) => conversationKey(row["conversation"]));
    },
    rename: async (conversation, title, signal) => {
      const work = (query: Query) => renameHead(query, conversation, title);
      await inConversation(postgres, conversation, work, signal);
    },
  };
}
