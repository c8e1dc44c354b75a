import type { TurnRecord } from "../../domain/turn-record.ts";

/** Turn records in a record of their own, which never changes. Never empty. */
export interface RecordPage {
  readonly id: string;
  readonly records: readonly TurnRecord[];
}

/** Each write has the records that fill no page yet. */
const perPage = 2;

/** Where the turn records of a memory are stored. */
interface SplitRecords {
  readonly recordPages: readonly RecordPage[];
  /** The newest ones, which don't fill a page yet. */
  readonly tail: readonly TurnRecord[];
}

/** Splits turn records into pages. Keeps each known page whose records stand there unchanged, as the same objects. */
export function splitRecords(
  records: readonly TurnRecord[],
  known: readonly RecordPage[],
  newId: () => string,
): SplitRecords {
  const knownFrom = new Map(known.map((page) => [page.records[0], page]));
  const recordPages: RecordPage[] = [];
  let loose: TurnRecord[] = [];
  const closePage = (): void => {
    if (loose.length > 0) recordPages.push({ id: newId(), records: loose });
    loose = [];
  };
  for (let index = 0; index < records.length; index += 1) {
    const page = knownFrom.get(records[index]);
    if (page?.records.every((record, at) => records[index + at] === record) === true) {
      closePage();
      recordPages.push(page);
      index += page.records.length - 1;
      continue;
    }
    loose.push(...records.slice(index, index + 1));
    if (loose.length === perPage) closePage();
  }
  return { recordPages, tail: loose };
}
