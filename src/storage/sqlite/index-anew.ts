import { readRow } from "../records/ledger-row.ts";
import { inSlices } from "./in-slices.ts";
import type { WritingStatements } from "./ledger-statements.ts";
import { homeOf, indexedWords } from "./ledger-words.ts";

const sliceSize = 50;

/** Gathers the words of all texts, where rows were lost and found again. */
export async function indexAnew(statements: WritingStatements): Promise<void> {
  let last = 0;
  await inSlices(() => {
    const rows = statements.unindexed.all(last, sliceSize);
    for (const row of rows) {
      last = Number(row["row"]);
      const message = readRow(row);
      if (message !== undefined && message.role !== "notice")
        statements.index.run(last, indexedWords(message.text), homeOf(message));
    }
    return rows.length > 0;
  }, AbortSignal.any([]));
  statements.indexed.run();
}
