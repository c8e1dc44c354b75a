import type { SyncBatch } from "../../../domain/archive.ts";
import { json, storable } from "../database/storable.ts";
import type { Query } from "../database/query.ts";
import { sql } from "./archive-sql.ts";
import { insertRecords } from "./insert-records.ts";
import { addSourceLinks, insertRows, linksOf, rowOf } from "./insert-messages.ts";
import type { WordHashes } from "./word-hashes.ts";

/**
 * Inserts the messages and records of conversations whose messages all are new and wanted: see Archive.syncNew. Needs the
 * conversations' locks. Returns the batches that it inserted.
 */
export async function insertNew(
  query: Query,
  batches: readonly SyncBatch[],
  words: WordHashes,
): Promise<readonly SyncBatch[]> {
  const plain = batches.filter(isPlain);
  const about = json(givenIn(plain).map(rowOf));
  const unusual = new Set((await query(sql.unusual, [about])).map((row) => row["conversation"]));
  const taken = plain.filter(({ conversation }) => !unusual.has(conversation));
  await insertRecords(
    query,
    taken.flatMap(({ records = [] }) => records),
  );
  const given = new Map(
    givenIn(taken).map((each) => [keyOf(each.batch.conversation, each.message.id), each]),
  );
  const rows = await insertRows(query, [...given.values()], words);
  if (rows.length !== given.size) throw new Error("Postgres did not insert every new message");
  const links = rows.flatMap(({ row, conversation, id }) => {
    const { batch, message } = given.get(keyOf(conversation, id)) ?? {};
    return batch === undefined ? [] : linksOf(row, batch.conversation, message);
  });
  await addSourceLinks(query, links);
  return taken;
}

/** Postgres returns its keys as they were given. */
function isPlain({ conversation, messages }: SyncBatch): boolean {
  return [conversation, ...messages.map(({ id }) => id)].every((each) => storable(each) === each);
}

function givenIn(batches: readonly SyncBatch[]) {
  return batches.flatMap((batch) => batch.messages.map((message) => ({ batch, message })));
}

function keyOf(conversation: unknown, message: unknown): string {
  return JSON.stringify([conversation, message]);
}
