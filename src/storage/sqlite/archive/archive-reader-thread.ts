import { workerData } from "node:worker_threads";

import { serveCalls } from "../../../runtime/threads/serve-calls.ts";
import { ledgerReader } from "./archive-reader.ts";
import { openLedgerForReading, type LedgerThreadData } from "./open-archive-database.ts";

/** What the thread that reads the archive serves. */
export type LedgerReads = ReturnType<typeof ledgerReader>;

const { dataDir }: LedgerThreadData = workerData;

await serveCalls(async () => {
  const database = openLedgerForReading(dataDir);
  return { served: ledgerReader(database), [Symbol.asyncDispose]: async () => database.close() };
});
