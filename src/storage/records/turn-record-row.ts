import type { MessageId } from "../../domain/message.ts";
import { messagesNamedBy, startOfRecord, type TurnRecord } from "../../domain/turn-record.ts";
import { turnRecordSchema } from "./turn-record-schema.ts";

/** What the archive stores of a turn record beside it. */
export interface RecordRow extends Pick<
  TurnRecord,
  "id" | "conversation" | "platform" | "place" | "ordinal"
> {
  readonly author: string | null;
  /** When the turn was asked for, else when it finished. */
  readonly atMs: number;
  /** The messages that the record goes with. */
  readonly names: readonly MessageId[];
}

export function recordRowOf(record: TurnRecord): RecordRow {
  const { id, conversation, platform, place, ordinal, author = null } = record;
  const atMs = startOfRecord(record);
  const names = [...new Set(messagesNamedBy(record))];
  return { id, conversation, platform, place, ordinal, author, atMs, names };
}

/** The records in the rows of a query. Leaves out what can't be read. */
export function recordsFrom(rows: readonly Readonly<Record<string, unknown>>[]): readonly TurnRecord[] {
  return rows.flatMap(({ record }) => {
    try {
      return [turnRecordSchema.parse(JSON.parse(String(record)))];
    } catch {
      return [];
    }
  });
}
