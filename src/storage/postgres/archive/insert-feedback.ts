import type { ConversationLocation } from "../../../domain/archive.ts";
import type { Feedback } from "../../../domain/feedback.ts";
import { json } from "../database/storable.ts";
import type { Query, Row } from "../database/query.ts";
import { drawKeys, keyOf } from "../sealing/keys.ts";
import { seal, unseal } from "../sealing/seal.ts";
import { feedbackSql } from "./feedback-sql.ts";

/** Stores feedback on turns that have a record, with its reasons sealed. Idempotent. Needs the conversation's lock. */
export async function insertFeedback(
  query: Query,
  { conversation, platform }: ConversationLocation,
  feedback: readonly Feedback[],
): Promise<void> {
  if (feedback.length === 0) return;
  const keys = [...(await drawKeys(query, "feedback", feedback.filter(hasReason).length))];
  const rows = feedback.map((each) => {
    const { turn, author, verdict, reason, atMs } = each;
    const row = { turn, author, conversation, platform, verdict, at_ms: atMs };
    const key = hasReason(each) ? keys.shift() : undefined;
    if (reason === undefined || key === undefined) return row;
    return { ...row, sealed: seal(key.bytes, reason).toString("base64"), key: key.number };
  });
  await query(feedbackSql.insert, [json(rows)]);
}

/** An empty reason is stored too: it voids an earlier one. */
function hasReason({ reason }: Feedback): boolean {
  return reason !== undefined;
}

/** The reason in a row. Undefined if there is none, or its key is erased. */
export function openReason(row: Row): string | undefined {
  const key = keyOf(row);
  const { sealed } = row;
  if (key === undefined || !Buffer.isBuffer(sealed)) return undefined;
  try {
    return unseal(key.bytes, sealed);
  } catch {
    return undefined;
  }
}
