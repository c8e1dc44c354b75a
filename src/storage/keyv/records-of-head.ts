import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { TurnRecord } from "../../domain/turn-record.ts";
import {
  partNames,
  type Elsewhere,
  type MemoryHead,
  type PartName,
  type Parts,
} from "../records/paged-memory.ts";
import type { HeldPart, HeldRecords } from "./held-memories.ts";
import { pageOf, type Page } from "./split-into-pages.ts";
import { partsIn } from "./split-parts.ts";
import type { RecordPage } from "./split-records.ts";

/** A record as it was read. What it holds depends on what its head says of it. */
export interface Found {
  readonly messages?: readonly RememberedMessage[];
  readonly turnRecords?: readonly TurnRecord[];
  readonly part?: NonNullable<Parts[PartName]>;
  /** Length of its bytes. */
  readonly chars: number;
}

/** The records of a head that are held or found. */
interface RecordsOfHead extends HeldRecords {
  /** Whether none is missing. */
  readonly isWhole: boolean;
}

export function recordsOf(
  head: MemoryHead,
  held: HeldRecords | undefined,
  found: ReadonlyMap<string, Found>,
): RecordsOfHead {
  const { recordPages: recordIds = [] } = head;
  const pages = allOf(head.pages, held?.pages, (id): Page | undefined => {
    const messages = found.get(id)?.messages;
    return messages && pageOf(id, messages);
  });
  const recordPages = allOf(recordIds, held?.recordPages, (id): RecordPage | undefined => {
    const records = found.get(id)?.turnRecords;
    return records && { id, records };
  });
  const parts = new Map<PartName, HeldPart>();
  for (const name of partNames) {
    const id = head.parts[name];
    const known = held?.parts.get(name);
    const { part: value, chars = 0 } = found.get(id ?? "") ?? {};
    if (id === undefined) continue;
    if (known?.id === id) parts.set(name, known);
    else if (value !== undefined) parts.set(name, { id, value, chars });
  }
  const isWhole =
    pages.length === head.pages.length &&
    recordPages.length === recordIds.length &&
    parts.size === Object.keys(head.parts).length;
  return { pages, recordPages, parts, isWhole };
}

/** What the records hold of a memory. */
export function elsewhereIn({ pages, recordPages, parts }: HeldRecords): Elsewhere {
  return {
    messages: pages.flatMap(({ messages }) => messages),
    records: recordPages.flatMap(({ records }) => records),
    parts: partsIn(parts),
  };
}

/** Those that are held or found, in the order of the ids. */
function allOf<Each extends { readonly id: string }>(
  ids: readonly string[],
  held: readonly Each[] = [],
  find: (id: string) => Each | undefined,
): readonly Each[] {
  const known = new Map(held.map((each) => [each.id, each]));
  return ids.flatMap((id) => known.get(id) ?? find(id) ?? []);
}
