import { z } from "zod";

import type { ConversationHead } from "../../../domain/archived-conversation.ts";
import { headRecordOf, type HeadRecord } from "../../records/head-record.ts";
import { coverColumn, drawKeys, keyOf, type SealingKey } from "../sealing/keys.ts";
import { schema } from "../database/migrate.ts";
import { seal, unseal } from "../sealing/seal.ts";
import type { Row, Query } from "../database/query.ts";

const sql = {
  known: `SELECT conversation, revision, record, title, is_named::int AS is_named, key, ${coverColumn}
    FROM ${schema}.head WHERE conversation = $1 FOR UPDATE`,
  keep: `INSERT INTO ${schema}.head AS known
      (conversation, platform, place, revision, next_ordinal, record, title, is_named, last_at_ms, key)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (conversation) DO UPDATE SET platform = excluded.platform, place = excluded.place,
      revision = excluded.revision, next_ordinal = excluded.next_ordinal, record = excluded.record,
      title = excluded.title, is_named = excluded.is_named, last_at_ms = excluded.last_at_ms, key = excluded.key,
      synced_at_ms = excluded.synced_at_ms`,
  rename: `UPDATE ${schema}.head SET record = $2, title = $3, key = $4, is_named = true WHERE conversation = $1`,
  dropSpeakers: `DELETE FROM ${schema}.head_speaker WHERE conversation = $1 AND author <> ALL ($2::text[])`,
  keepSpeakers: `INSERT INTO ${schema}.head_speaker (platform, author, conversation)
    SELECT $1, author, $2 FROM unnest($3::text[]) AS author ON CONFLICT DO NOTHING`,
} as const;

/**
 * Replaces a head of an older or the same revision. A listed head is not replaced by an unlisted one of the same
 * revision: that conversation is archived. Needs the conversation's lock.
 */
export async function saveHead(query: Query, head: ConversationHead): Promise<void> {
  const given = headRecordOf(head);
  const { conversation, platform, place } = given;
  const [known] = await query(sql.known, [conversation]);
  if (known !== undefined && !isNewer(given, known)) return;
  const key = await keyFor(query, given, known);
  await query(sql.keep, [
    conversation,
    platform,
    place,
    given.revision,
    given.nextOrdinal,
    seal(key.bytes, given.record),
    given.title === null ? null : seal(key.bytes, given.title),
    given.isNamed,
    given.lastAtMs,
    key.number,
  ]);
  const speakers = head.memory.speakers.map(({ id }) => id);
  await query(sql.dropSpeakers, [conversation, speakers]);
  if (speakers.length > 0) await query(sql.keepSpeakers, [platform, conversation, speakers]);
}

/** Renames a listed head. Needs the conversation's lock. */
export async function renameHead(query: Query, conversation: string, title: string): Promise<void> {
  const [known] = await query(sql.known, [conversation]);
  if (known === undefined || known["title"] === null) return;
  const { record } = openHead(known);
  const [key] = await drawKeys(query, "head", 1);
  if (typeof record !== "string" || key === undefined) return;
  await query(sql.rename, [conversation, seal(key.bytes, record), seal(key.bytes, title), key.number]);
}

/** The row with its record and title unsealed, or null if they can't be. */
export function openHead(row: Row): Row {
  const key = keyOf(row);
  const { record, title } = row;
  try {
    return {
      ...row,
      record: key !== undefined && Buffer.isBuffer(record) ? unseal(key.bytes, record) : null,
      title: key !== undefined && Buffer.isBuffer(title) ? unseal(key.bytes, title) : null,
    };
  } catch {
    return { ...row, record: null, title: null };
  }
}

function isNewer({ revision, title }: HeadRecord, known: Row): boolean {
  const old = Number(known["revision"]);
  return revision > old || (revision === old && (title !== null || known["title"] === null));
}

/**
 * A head is written with every turn. Its key stays while its texts are only added to or unchanged, and is replaced
 * when any text changes. So no readable older version has other texts.
 */
async function keyFor(query: Query, given: HeadRecord, known: Row | undefined): Promise<SealingKey> {
  const old = known === undefined ? undefined : keyOf(known);
  if (
    known !== undefined &&
    old !== undefined &&
    comparableContent(given) === comparableContent(openHead(known))
  )
    return old;
  const [key] = await drawKeys(query, "head", 1);
  if (key === undefined) throw new RangeError("No key was drawn");
  return key;
}

const json = z.string().transform((text): unknown => JSON.parse(text));

/** The head without numbers and without the order of its properties. An unreadable head equals nothing. */
function comparableContent({
  record,
  title,
}: {
  readonly record?: unknown;
  readonly title?: unknown;
}): unknown {
  const parsed = json.safeParse(record);
  if (!parsed.success) return Symbol("unreadable");
  return JSON.stringify([title, parsed.data], (_, value: unknown) => {
    if (typeof value === "number") return 0;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
