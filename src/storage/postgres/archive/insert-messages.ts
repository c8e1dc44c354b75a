import type { ConversationKey } from "../../../domain/conversation.ts";
import type { SyncResult, SyncBatch } from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { RememberedMessage } from "../../../domain/conversation-memory.ts";
import { drawKeys, type SealingKey } from "../sealing/keys.ts";
import { sql } from "./archive-sql.ts";
import { contentOf, sealContent, type Content } from "./sealed-message.ts";
import { json, storable } from "../database/storable.ts";
import type { WordHashes } from "./word-hashes.ts";
import type { Row, Query } from "../database/query.ts";
import { yielding } from "../../../async/yielding.ts";

/** Messages of one conversation to insert, and the hashes that hide their words. */
export interface Insertion {
  readonly batch: SyncBatch;
  readonly messages: readonly RememberedMessage[];
  readonly words: WordHashes;
}

/**
 * Inserts or updates messages, unless they are erased or expired. Needs the conversation's lock. Returns those below
 * an erasure of the whole conversation, and those from before their author's erasure cutoff.
 */
export async function insertMessages(
  query: Query,
  { batch, messages, words }: Insertion,
): Promise<SyncResult> {
  const { conversation } = batch;
  const newest = newestOf(messages);
  const about = json([...newest.values()].map((message) => rowOf({ batch, message })));
  const ofErasedAuthors = idsOf(await query(sql.addTombstonesOf, [about]));
  await removeMessages(query, conversation, ofErasedAuthors);
  const wanted = idsOf(await query(sql.wanted, [about]));
  const wantedMessages = wanted.flatMap((id) => newest.get(id) ?? []);
  const kept = await insertRows(
    query,
    wantedMessages.map((message) => ({ batch, message })),
    words,
  );
  if (kept.length > 0) await query(sql.removeSourceLinks, [kept.map(({ row }) => row)]);
  const links = kept.flatMap(({ row, id }) => linksOf(row, conversation, newest.get(String(id))));
  await addSourceLinks(query, links);
  const answered = [...newest.values()].flatMap(({ answers }) => answers);
  await addReplyTombstones(query, conversation, [...ofErasedAuthors, ...answered]);
  if (kept.length === newest.size) return { refused: [], forgotten: [] };
  const forgotten = ofErasedAuthors.length === 0 ? [] : idsOf(await query(sql.forgotten, [about]));
  return { refused: idsOf(await query(sql.refused, [about])), forgotten };
}

/** A message with its batch. */
export interface GivenMessage {
  readonly batch: SyncBatch;
  readonly message: RememberedMessage;
}

/** Returns the rows that were inserted or updated. Each message may be given once. */
async function insertRows(
  query: Query,
  given: readonly GivenMessage[],
  words: WordHashes,
): Promise<readonly Row[]> {
  if (given.length === 0) return [];
  return query(sql.insert, [json(await sealedRows(query, given, words))]);
}

/** Messages as rows, sealed. Each may be given once. */
export async function sealedRows(
  query: Query,
  given: readonly GivenMessage[],
  words: WordHashes,
): Promise<readonly object[]> {
  const keys = await drawKeys(query, "message", given.length);
  const pause = yielding();
  const rows: object[] = [];
  for (const [index, { batch, message }] of given.entries()) {
    await pause();
    const key = keys[index];
    if (key === undefined) continue;
    const sealed = await sealedColumns(
      key,
      contentOf(message),
      message.role === "notice" ? undefined : words,
    );
    rows.push({ ...rowOf({ batch, message }), ...sealed });
  }
  return rows;
}

/** A message's sealed content and word hashes, as columns. Hashes in slices. */
export async function sealedColumns(key: SealingKey, content: Content, words: WordHashes | undefined) {
  const hashes = (await words?.of(content.text)) ?? [];
  return {
    key: key.number,
    sealed: sealContent(key.bytes, content).toString("base64"),
    words: hashes.join(" "),
  };
}

/** Leaves no tombstones. */
export async function removeMessages(
  query: Query,
  conversation: ConversationKey,
  ids: readonly MessageId[],
): Promise<void> {
  if (ids.length > 0) await query(sql.remove, [conversation, ids]);
}

/** Removes our replies to these messages if all that they answer was erased with its author. Returns their number. */
export async function addReplyTombstones(
  query: Query,
  conversation: ConversationKey,
  answered: readonly MessageId[],
): Promise<number> {
  if (answered.length === 0) return 0;
  return (await query(sql.addReplyTombstones, [conversation, answered])).length;
}

export function idsOf(rows: readonly Row[]): readonly MessageId[] {
  return rows.map((row) => String(row["id"]));
}

type Newest = ReadonlyMap<MessageId, RememberedMessage>;

/** The newest revision of each message, by its id as stored: one statement can't change a row twice. */
function newestOf(messages: readonly RememberedMessage[]): Newest {
  const newest = new Map<MessageId, RememberedMessage>();
  for (const message of messages) {
    const id = String(storable(message.id));
    const known = newest.get(id);
    if (known === undefined || known.revision < message.revision) newest.set(id, message);
  }
  return newest;
}

/** That a row rests on a message. */
interface SourceLink {
  readonly row: unknown;
  readonly conversation: string;
  readonly message: MessageId;
}

/** What a stored message rests on: what it answers, and its sources. */
function linksOf(
  row: unknown,
  conversation: ConversationKey,
  { answers, sources = [] }: Pick<RememberedMessage, "answers" | "sources"> = { answers: [] },
): readonly SourceLink[] {
  const answered = answers.map((message) => ({ row, conversation, message }));
  return [...answered, ...sources.map((source) => ({ ...source, row }))];
}

async function addSourceLinks(query: Query, links: readonly SourceLink[]): Promise<void> {
  if (links.length === 0) return;
  const rows = links.map(({ row }) => row);
  const conversations = links.map(({ conversation }) => conversation);
  const messages = links.map(({ message }) => message);
  await query(sql.addSourceLinks, [rows, conversations, messages]);
}

function rowOf({ batch: { conversation, platform, place }, message }: GivenMessage) {
  const { id, ordinal, revision, chapter, role, author, saidAtMs, answers, posts, sources, turnId } = message;
  return {
    conversation,
    id,
    platform,
    place,
    ordinal,
    revision,
    chapter,
    role,
    author_id: author.id,
    said_at_ms: saidAtMs,
    answers,
    posts,
    turn_id: turnId,
    sources,
  };
}
