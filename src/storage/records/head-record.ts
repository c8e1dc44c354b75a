import type { ArchivedConversation, ConversationHead } from "../../domain/archived-conversation.ts";
import type { DirectoryEntry } from "../../domain/conversation.ts";
import { conversationKey } from "../../domain/conversation.ts";
import { memorySchema } from "./memory-schema.ts";

type Row = Readonly<Record<string, unknown>>;

/** A conversation head as a row of the archive's table `head`. */
export interface HeadRecord {
  readonly conversation: string;
  readonly platform: string;
  readonly place: string;
  readonly revision: number;
  readonly nextOrdinal: number;
  readonly record: string;
  /** Null for a conversation that is not listed. */
  readonly title: string | null;
  readonly isNamed: boolean;
  readonly lastAtMs: number;
}

export function headRecordOf({ memory, listing }: ConversationHead): HeadRecord {
  const { conversation, platform, place, revision, nextOrdinal } = memory;
  return {
    conversation,
    platform,
    place,
    revision,
    nextOrdinal,
    record: JSON.stringify(memory),
    title: listing?.title ?? null,
    isNamed: listing?.isNamed === true,
    lastAtMs: listing?.lastAtMs ?? 0,
  };
}

/** Undefined for a row without a head, and for one that can't be read. */
export function readHead(row: Row): ConversationHead | undefined {
  try {
    const memory = memorySchema.parse(JSON.parse(String(row["record"])));
    if (typeof row["title"] !== "string") return { memory };
    const isNamed = Number(row["is_named"]) === 1 ? { isNamed: true as const } : {};
    const listing = { title: row["title"], lastAtMs: Number(row["last_at_ms"]), ...isNamed };
    return { memory, listing };
  } catch {
    return undefined;
  }
}

/** The conversation's newest message, if the row names one. */
export function lastMessageIn(row: Row): Pick<ArchivedConversation, "last"> {
  const id = row["last_id"];
  return typeof id === "string" ? { last: { id, ordinal: Number(row["last_ordinal"]) } } : {};
}

export function listedFrom(rows: readonly Row[]): readonly DirectoryEntry[] {
  return rows.map((row) => ({
    conversation: conversationKey(row["conversation"]),
    platform: String(row["platform"]),
    place: String(row["place"]),
    title: String(row["title"]),
    lastAtMs: Number(row["last_at_ms"]),
  }));
}
