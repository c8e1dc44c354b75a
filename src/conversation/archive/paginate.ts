import type { LedgerMessage, LedgerRange } from "../../domain/archive.ts";
import type { Ledger } from "../../ports/archive.ts";

const pageSize = 500;

/** A conversation of the ledger, page by page, oldest first. @throws {LedgerError} */
export async function* pagesOf(
  ledger: Ledger,
  range: Pick<LedgerRange, "conversation" | "fromMs" | "fromOrdinal">,
  signal: AbortSignal,
): AsyncGenerator<readonly LedgerMessage[]> {
  for (let { fromOrdinal = 1 } = range; ;) {
    const page = await ledger.read({ ...range, fromOrdinal, limit: pageSize }, signal);
    yield page;
    if (page.length < pageSize) return;
    fromOrdinal = (page.at(-1)?.ordinal ?? 0) + 1;
  }
}
