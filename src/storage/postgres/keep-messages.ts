import { setImmediate } from "node:timers/promises";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Filed, Filing } from "../../domain/ledger.ts";
import type { MessageId } from "../../domain/message.ts";
import type { RememberedMessage } from "../../domain/recollection.ts";
import { wordsOf } from "../../domain/search-words.ts";
import { sql } from "./ledger-sql.ts";
import type { Query, Row } from "./postgres.ts";
import { json, storable } from "./storable.ts";

/** A tsvector has room for 1 MB of words. */
const mostWordBytes = 900_000;

/**
 * Takes what is new and has not gone, in the transaction of its caller's, who holds the lock of the conversation. Gives
 * what lies before an erasure of the whole conversation, and what was said before its author was forgotten.
 */
export async function keepMessages(
  query: Query,
  filing: Filing,
  messages: readonly RememberedMessage[],
): Promise<Filed> {
  const { conversation } = filing;
  const newest = newestOf(messages);
  const rows = json(await rowsOf(filing, newest));
  const theirs = idsOf(await query(sql.buryTheirs, [rows]));
  await remove(query, conversation, theirs);
  const kept = await query(sql.keep, [rows]);
  await keepWhatTheyRestOn(query, conversation, { kept, newest });
  const answered = [...newest.values()].flatMap(({ answers }) => answers);
  await buryReplies(query, conversation, [...theirs, ...answered]);
  if (kept.length === newest.size) return { refused: [], forgotten: [] };
  const forgotten = theirs.length === 0 ? [] : idsOf(await query(sql.forgotten, [rows]));
  return { refused: idsOf(await query(sql.refused, [rows])), forgotten };
}

/** Without tombstones. */
export async function remove(
  query: Query,
  conversation: ConversationKey,
  ids: readonly MessageId[],
): Promise<void> {
  if (ids.length > 0) await query(sql.remove, [conversation, ids]);
}

/** Our replies to these go where they answer only what went with its author. Gives how many. */
export async function buryReplies(
  query: Query,
  conversation: ConversationKey,
  answered: readonly MessageId[],
): Promise<number> {
  if (answered.length === 0) return 0;
  return (await query(sql.buryReplies, [conversation, answered])).length;
}

export function idsOf(rows: readonly Row[]): readonly MessageId[] {
  return rows.map((row) => String(row["id"]));
}

type Newest = ReadonlyMap<MessageId, RememberedMessage>;

/** Of each message the newest, by its id as Postgres gives it back: one statement can't change a row twice. */
function newestOf(messages: readonly RememberedMessage[]): Newest {
  const newest = new Map<MessageId, RememberedMessage>();
  for (const message of messages) {
    const id = String(storable(message.id));
    const known = newest.get(id);
    if (known === undefined || known.revision < message.revision) newest.set(id, message);
  }
  return newest;
}

async function keepWhatTheyRestOn(
  query: Query,
  conversation: ConversationKey,
  { kept, newest }: { readonly kept: readonly Row[]; readonly newest: Newest },
): Promise<void> {
  const rows: unknown[] = [];
  const homes: string[] = [];
  const ids: string[] = [];
  for (const { row, id } of kept) {
    const { answers = [], sources = [] } = newest.get(String(id)) ?? {};
    rows.push(...[...answers, ...sources].map(() => row));
    homes.push(...answers.map(() => conversation), ...sources.map((source) => source.conversation));
    ids.push(...answers, ...sources.map(({ message }) => message));
  }
  if (kept.length > 0) await query(sql.restsOnNothing, [kept.map(({ row }) => row)]);
  if (rows.length > 0) await query(sql.restsOn, [rows, homes, ids]);
}

/** In slices: the words of so many characters take 10 ms at most. */
const charsAtOnce = 20_000;

async function rowsOf(filing: Filing, newest: Newest): Promise<readonly object[]> {
  const rows: object[] = [];
  let chars = 0;
  for (const message of newest.values()) {
    rows.push(rowOf(filing, message));
    chars += message.text.length;
    if (chars < charsAtOnce) continue;
    chars = 0;
    await setImmediate();
  }
  return rows;
}

function rowOf({ conversation, platform, place }: Filing, message: RememberedMessage) {
  const { id, ordinal, revision, chapter, role, author, speaker, text, saidAtMs, posts, sources } = message;
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
    author_name: author.name,
    speaker,
    text,
    said_at_ms: saidAtMs,
    permalink: message.permalink ?? null,
    attachments: json(message.attachments),
    answers: json(message.answers),
    posts: posts === undefined ? null : json(posts),
    sources: sources === undefined ? null : json(sources),
    words: role === "notice" ? [] : thatFit(wordsOf(text)),
  };
}

function thatFit(words: readonly string[]): readonly string[] {
  let bytes = 0;
  return words.filter((word) => (bytes += Buffer.byteLength(word)) < mostWordBytes);
}
