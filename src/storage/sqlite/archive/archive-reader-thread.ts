import { workerData } from "node:worker_threads";

import { serveCalls } from "../../../runtime/threads/serve-calls.ts";
import { archiveReader } from "./archive-reader.ts";
import { openArchiveForReading, type ArchiveThreadData } from "./open-archive-database.ts";

/** The calls that the reading thread serves. */
export type ArchiveReads = ReturnType<typeof archiveReader>;

const { dataDir }: ArchiveThreadData = workerData;

await serveCalls(async () => {
  const database = openArchiveForReading(dataDir);
  return { served: archiveReader(database), [Symbol.asyncDispose]: async () => database.close() };
});
