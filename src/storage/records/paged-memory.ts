import { z } from "zod";

import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { closedChapter, erasing, memorySchema, rememberedMessage, version2 } from "./memory-schema.ts";
import { summarySchema } from "./summary-schema.ts";
import { turnRecordSchema } from "./turn-record-schema.ts";
import type { TurnRecord } from "../../domain/turn-record.ts";

/** What few turns change, and lies in a record of its own where it is long. */
export const partNames = ["summary", "closed", "erasing"] as const;

export type PartName = (typeof partNames)[number];

/** A memory's parts. */
export type Parts = Pick<ConversationMemory, PartName>;

/**
 * A memory as stored: its newest messages and its short parts, and where the others are. `stamp`: another one for each
 * write. `pages`: the ids of the pages, which hold the older messages, oldest first. `parts`: the ids of the long parts.
 * `recordPages`: the ids of the pages with the older turn records, oldest first. Missing: none.
 */
export interface MemoryHead extends Omit<ConversationMemory, "version"> {
  readonly version: 3;
  readonly stamp: string;
  readonly pages: readonly string[];
  readonly parts: { readonly [Name in PartName]?: string };
  readonly recordPages?: readonly string[];
}

const head: z.ZodType<MemoryHead> = z.object({
  ...version2.shape,
  version: z.literal(3),
  stamp: z.string(),
  pages: z.array(z.string()),
  parts: z.partialRecord(z.enum(partNames), z.string()),
  recordPages: z.array(z.string()).exactOptional(),
});
const stored = z.union([head, memorySchema]);
const page: z.ZodType<readonly RememberedMessage[]> = z.array(rememberedMessage).min(1);
const recordPage: z.ZodType<readonly TurnRecord[]> = z.array(turnRecordSchema).min(1);
const partSchemas = {
  summary: summarySchema,
  closed: closedChapter,
  erasing,
} satisfies { readonly [Name in PartName]: z.ZodType<NonNullable<Parts[Name]>> };

/** A memory of an older version lies in one record. Undefined unless it is a valid record of this conversation. */
export function readStored(
  value: unknown,
  conversation: string,
): { readonly head: MemoryHead } | { readonly memory: ConversationMemory } | undefined {
  const { success, data } = stored.safeParse(value);
  if (!success || data.conversation !== conversation) return undefined;
  return data.version === 3 ? { head: data } : { memory: data };
}

/** The messages of a stored page. Undefined if it can't be read. */
export function readPage(value: unknown): readonly RememberedMessage[] | undefined {
  return page.safeParse(value).data;
}

/** The turn records of a stored page. Undefined if it can't be read. */
export function readRecordPage(value: unknown): readonly TurnRecord[] | undefined {
  return recordPage.safeParse(value).data;
}

/** A stored part. Undefined if it can't be read. */
export function readPart(name: PartName, value: unknown): Parts[PartName] {
  return partSchemas[name].safeParse(value).data;
}

/** What lies in other records than the head. */
export interface Elsewhere {
  readonly messages: readonly RememberedMessage[];
  readonly records: readonly TurnRecord[];
  readonly parts: Parts;
}

/** The memory of a head, with what lies elsewhere. */
export function memoryFrom(
  { stamp: _stamp, pages: _pages, parts: _parts, recordPages: _recordPages, ...fields }: MemoryHead,
  older: Elsewhere,
): ConversationMemory {
  const records = [...older.records, ...(fields.records ?? [])];
  return {
    ...fields,
    ...older.parts,
    version: 2,
    messages: [...older.messages, ...fields.messages],
    ...(records.length === 0 ? {} : { records }),
  };
}
