import { openSqliteTurnRecords } from "../../src/storage/sqlite/sqlite-turn-records.ts";

/** The verdicts that the archive in a data folder has, each with its reason; sorted. Also while the bot runs. */
export async function feedbackIn(dataDir: string): Promise<readonly string[]> {
  using records = openSqliteTurnRecords(dataDir);
  const rated = await records.newestFeedback({ limit: 1_000 }, AbortSignal.timeout(60_000));
  return rated.map(({ verdict, reason = "-" }) => `${verdict} ${reason}`).toSorted();
}
