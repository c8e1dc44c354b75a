import type { SyncBatch } from "../../../domain/archive.ts";
import { json, storable } from "../database/storable.ts";
import type { Query } from "../database/query.ts";
import { sql } from "./archive-sql.ts";
import { insertRecords } from "./insert-records.ts";
import { sealedRows, type GivenMessage } from "./insert-messages.ts";
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
  const given = plain.flatMap(givenIn);
  const rows = await sealedRows(query, given, words);
  const [row] = await query(sql.insertNew, [json(rows)]);
  const unusual = new Set(Array.isArray(row?.["unusual"]) ? row["unusual"] : []);
  const wanted = given.filter(({ batch }) => !unusual.has(batch.conversation));
  if (Number(row?.["added"]) !== wanted.length) throw new Error("Postgres did not insert every new message");
  const taken = plain.filter(({ conversation }) => !unusual.has(conversation));
  await insertRecords(
    query,
    taken.flatMap(({ records = [] }) => records),
  );
  return taken;
}

/** Postgres returns its keys as they were given. */
function isPlain({ conversation, messages }: SyncBatch): boolean {
  return [conversation, ...messages.map(({ id }) => id)].every((each) => storable(each) === each);
}

/** The messages of a batch, each once. */
function givenIn(batch: SyncBatch): readonly GivenMessage[] {
  const messages = new Map(batch.messages.map((message) => [message.id, message]));
  return Array.from(messages.values(), (message) => ({ batch, message }));
}
