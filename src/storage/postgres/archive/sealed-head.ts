import { hash } from "node:crypto";

import { LRUCache } from "lru-cache";
import { z } from "zod";

import type { ConversationHead } from "../../../domain/archived-conversation.ts";
import { headRecordOf, type HeadRecord } from "../../records/head-record.ts";
import { coverColumn, drawKeys, keyOf, type SealingKey } from "../sealing/keys.ts";
import { schema } from "../database/migrate.ts";
import { seal, unseal } from "../sealing/seal.ts";
import { json, storable } from "../database/storable.ts";
import { yielding } from "../../../async/yielding.ts";
import type { Row, Query } from "../database/query.ts";

const givenHeads = `json_to_recordset($1::json) AS given (conversation text, platform text, place text, revision bigint,
  next_ordinal bigint, record text, title text, is_named boolean, last_at_ms bigint, key bigint, speakers json)`;

const sql = {
  known: `SELECT conversation, revision, title IS NULL AS is_unlisted, key, ${coverColumn}
    FROM ${schema}.head WHERE conversation = ANY ($1) ORDER BY conversation FOR UPDATE`,
  contents: `SELECT conversation, record, title, is_named::int AS is_named, key, ${coverColumn}
    FROM ${schema}.head WHERE conversation = ANY ($1)`,
  keep: `INSERT INTO ${schema}.head AS known
      (conversation, platform, place, revision, next_ordinal, record, title, is_named, last_at_ms, key)
    SELECT conversation, platform, place, revision, next_ordinal, decode(record, 'base64'), decode(title, 'base64'),
      is_named, last_at_ms, key FROM ${givenHeads}
    ON CONFLICT (conversation) DO UPDATE SET platform = excluded.platform, place = excluded.place,
      revision = excluded.revision, next_ordinal = excluded.next_ordinal, record = excluded.record,
      title = excluded.title, is_named = excluded.is_named, last_at_ms = excluded.last_at_ms, key = excluded.key,
      synced_at_ms = excluded.synced_at_ms`,
  rename: `UPDATE ${schema}.head SET record = $2, title = $3, key = $4, is_named = true WHERE conversation = $1`,
  dropSpeakers: `DELETE FROM ${schema}.head_speaker AS known USING ${givenHeads}
    WHERE known.conversation = given.conversation
      AND NOT EXISTS (SELECT FROM json_array_elements_text(speakers) AS id WHERE id = author)`,
  keepSpeakers: `INSERT INTO ${schema}.head_speaker (platform, author, conversation)
    SELECT platform, id, conversation FROM ${givenHeads}, json_array_elements_text(speakers) AS id ON CONFLICT DO NOTHING`,
} as const;

/** How many conversations' contents are known. */
const maxKnown = 10_000;

/** A stored head, and what it says. */
interface KnownHead {
  readonly row: Row;
  /** Undefined if it is erased. */
  readonly key: SealingKey | undefined;
  readonly content: string;
}

/** A head to store. */
interface GivenHead {
  readonly head: ConversationHead;
  readonly conversation: string;
  readonly record: HeadRecord;
  readonly content: string;
}

/** Writes the heads of conversations. */
export class HeadWriter {
  /**
   * The key of each head that was written or read here, and a hash of its content. Valid while the stored head has this key,
   * because a key is never used for other texts.
   */
  readonly #known = new LRUCache<string, { readonly key: number; readonly content: string }>({
    max: maxKnown,
  });

  /**
   * Replaces heads of an older or the same revision. A listed head is not replaced by an unlisted one of the same revision:
   * that conversation is archived. Needs the conversations' locks.
   */
  async save(query: Query, heads: readonly ConversationHead[]): Promise<void> {
    if (heads.length === 0) return;
    const known = await this.#readKnown(query, heads);
    const given: GivenHead[] = [];
    const pause = yielding();
    for (const head of heads) {
      await pause();
      const conversation = nameOf(head);
      const record = headRecordOf(head);
      if (isNewer(record, known.get(conversation)?.row))
        given.push({ head, conversation, record, content: contentOf(head) });
    }
    if (given.length === 0) return;
    const changed = given.filter(({ conversation, content }) => known.get(conversation)?.content !== content);
    const drawn = await drawKeys(query, "head", changed.length);
    const newKeys = new Map(changed.map(({ conversation }, index) => [conversation, drawn[index]]));
    const rows: object[] = [];
    for (const { conversation, record, content } of given) {
      await pause();
      const key = newKeys.get(conversation) ?? known.get(conversation)?.key;
      if (key === undefined) throw new RangeError("No key was drawn");
      this.#known.set(conversation, { key: key.number, content });
      rows.push(rowOf(record, key));
    }
    await query(sql.keep, [json(rows)]);
    if (changed.length === 0) return;
    const speakers = json(changed.map(({ head }) => speakersOf(head)));
    await query(sql.dropSpeakers, [speakers]);
    await query(sql.keepSpeakers, [speakers]);
  }

  /** The stored heads. Reads and unseals only what is not known here. */
  async #readKnown(
    query: Query,
    heads: readonly ConversationHead[],
  ): Promise<ReadonlyMap<string, KnownHead>> {
    const rows = await query(sql.known, [heads.map(nameOf)]);
    const known = new Map<string, KnownHead>();
    const unread: string[] = [];
    for (const row of rows) {
      const conversation = String(row["conversation"]);
      const held = this.#known.get(conversation);
      const key = keyOf(row);
      if (held !== undefined && held.key === key?.number)
        known.set(conversation, { row, key, content: held.content });
      else unread.push(conversation);
    }
    if (unread.length === 0) return known;
    const byKey = new Map(rows.map((row) => [String(row["conversation"]), row]));
    const pause = yielding();
    for (const full of await query(sql.contents, [unread])) {
      await pause();
      const conversation = String(full["conversation"]);
      const row = byKey.get(conversation);
      if (row !== undefined)
        known.set(conversation, { row, key: keyOf(row), content: storedContentOf(openHead(full)) });
    }
    return known;
  }
}

/** The conversation as Postgres stores it. */
function nameOf({ memory: { conversation } }: ConversationHead): string {
  return String(storable(conversation));
}

function rowOf(record: HeadRecord, key: SealingKey): object {
  const sealed = (text: string): string => seal(key.bytes, text).toString("base64");
  return {
    conversation: record.conversation,
    platform: record.platform,
    place: record.place,
    revision: record.revision,
    next_ordinal: record.nextOrdinal,
    record: sealed(record.record),
    title: record.title === null ? null : sealed(record.title),
    is_named: record.isNamed,
    last_at_ms: record.lastAtMs,
    key: key.number,
  };
}

function speakersOf({ memory: { conversation, platform, speakers } }: ConversationHead): object {
  return { conversation, platform, speakers: speakers.map(({ id }) => id) };
}

/** Renames a listed head. Needs the conversation's lock. */
export async function renameHead(query: Query, conversation: string, title: string): Promise<void> {
  await query(sql.known, [[conversation]]);
  const [known] = await query(sql.contents, [[conversation]]);
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

function isNewer({ revision, title }: HeadRecord, known: Row | undefined): boolean {
  if (known === undefined) return true;
  const old = Number(known["revision"]);
  return revision > old || (revision === old && (title !== null || known["is_unlisted"] === true));
}

/**
 * A hash of a head without numbers and without the order of its properties. A head is written with every turn. Its key stays
 * while this hash does, and is replaced when any text changes. So no readable older version has other texts.
 */
function contentOf({ memory, listing }: ConversationHead): string {
  return comparable(listing?.title ?? null, memory);
}

const storedRecord = z.string().transform((text): unknown => JSON.parse(text));

/** An unreadable head equals nothing. */
function storedContentOf({ record, title }: Row): string {
  const parsed = storedRecord.safeParse(record);
  return parsed.success ? comparable(title, parsed.data) : "";
}

function comparable(title: unknown, memory: unknown): string {
  return hash("sha256", JSON.stringify([title, withoutNumbers(memory)]), "base64");
}

/** Each number as 0, and all properties in one order. */
function withoutNumbers(value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNumbers);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, withoutNumbers(each)]));
}
