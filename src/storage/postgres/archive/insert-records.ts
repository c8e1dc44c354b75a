import type { TurnRecord } from "../../../domain/turn-record.ts";
import { recordRowOf } from "../../records/turn-record-row.ts";
import { json } from "../database/storable.ts";
import type { Query } from "../database/query.ts";
import { recordSql } from "./record-sql.ts";

/** Stores turn records, unless what they name or their author is erased. Idempotent. Needs the conversation's lock. */
export async function insertRecords(query: Query, records: readonly TurnRecord[]): Promise<void> {
  if (records.length === 0) return;
  const rows = records.map((each) => {
    const { atMs, ...row } = recordRowOf(each);
    return { ...row, at_ms: atMs, record: each };
  });
  await query(recordSql.insert, [json(rows)]);
}
