import type { ConversationMemory, Erasure } from "../../domain/conversation-memory.ts";
import { messagesNamedBy, startOfRecord, type TurnRecord } from "../../domain/turn-record.ts";

/**
 * Drops the pending records that an erasure of this memory covers, or that are from before `fromMs`. The archive drops its
 * own by the same rules.
 */
export function dropErasedRecords(memory: ConversationMemory, fromMs: number): ConversationMemory {
  const { records, ...rest } = memory;
  if (records === undefined) return memory;
  const kept = records.filter(
    (record) =>
      startOfRecord(record) >= fromMs && !memory.erasures.some((erasure) => isErased(record, erasure)),
  );
  return kept.length === 0 ? rest : { ...rest, records: kept };
}

function isErased(record: TurnRecord, erasure: Erasure): boolean {
  switch (erasure.kind) {
    case "message":
      return messagesNamedBy(record).includes(erasure.message);
    case "author":
      return record.author === erasure.author && record.ordinal < erasure.beforeOrdinal;
    case "all":
      return record.ordinal < erasure.beforeOrdinal;
  }
}
