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

/** Replaces the head of an older revision, and of the same one, unless that is listed and this is not: it rests. In the transaction of its caller's, who holds the lock of the conversation. */
export async function saveHead(query: Query, head: ConversationHead): Promise<void> {
  const told = headRecordOf(head);
  const { conversation, platform, place } = told;
  const [known] = await query(sql.known, [conversation]);
  if (known !== undefined && !isNewer(told, known)) return;
  const key = await keyFor(query, told, known);
  await query(sql.keep, [
    conversation,
    platform,
    place,
    told.revision,
    told.nextOrdinal,
    seal(key.bytes, told.record),
    told.title === null ? null : seal(key.bytes, told.title),
    told.isNamed,
    told.lastAtMs,
    key.number,
  ]);
  const speakers = head.memory.speakers.map(({ id }) => id);
  await query(sql.dropSpeakers, [conversation, speakers]);
  if (speakers.length > 0) await query(sql.keepSpeakers, [platform, conversation, speakers]);
}

/** Where it is listed. In the transaction of its caller's, who holds the lock of the conversation. */
export async function renameHead(query: Query, conversation: string, title: string): Promise<void> {
  const [known] = await query(sql.known, [conversation]);
  if (known === undefined || known["title"] === null) return;
  const { record } = openHead(known);
  const [key] = await drawKeys(query, "head", 1);
  if (typeof record !== "string" || key === undefined) return;
  await query(sql.rename, [conversation, seal(key.bytes, record), seal(key.bytes, title), key.number]);
}

/** The row with its record and its title as they were sealed; where that can't be, as if it had none. */
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
 * A head is written with every turn. Its key stays as long as all that is said in it does, and goes with the first word that
 * does not: so no older version can be read that says anything else.
 */
async function keyFor(query: Query, told: HeadRecord, known: Row | undefined): Promise<SealingKey> {
  const old = known === undefined ? undefined : keyOf(known);
  if (
    known !== undefined &&
    old !== undefined &&
    comparableContent(told) === comparableContent(openHead(known))
  )
    return old;
  const [key] = await drawKeys(query, "head", 1);
  if (key === undefined) throw new RangeError("No key was drawn");
  return key;
}

const json = z.string().transform((text): unknown => JSON.parse(text));

/** All but the numbers, and the order in which it was written. What can't be read is like nothing else. */
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
