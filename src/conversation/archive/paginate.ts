import type { ArchivedMessage, ArchiveRange } from "../../domain/archive.ts";
import type { Archive } from "../../ports/archive.ts";

const pageSize = 500;

/** Reads an archived conversation page by page, oldest first. The last page may be empty. @throws {ArchiveError} */
export async function* paginate(
  archive: Archive,
  range: Pick<ArchiveRange, "conversation" | "fromMs" | "fromOrdinal">,
  signal: AbortSignal,
): AsyncGenerator<readonly ArchivedMessage[]> {
  for (let { fromOrdinal = 1 } = range; ;) {
    const page = await archive.read({ ...range, fromOrdinal, limit: pageSize }, signal);
    yield page;
    if (page.length < pageSize) return;
    fromOrdinal = (page.at(-1)?.ordinal ?? 0) + 1;
  }
}
