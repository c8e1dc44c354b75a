import { workerData } from "node:worker_threads";

import { serveCalls } from "../../../runtime/threads/serve-calls.ts";
import { ArchiveFile } from "./archive-file.ts";
import { openArchiveDatabase, type ArchiveThreadData } from "./open-archive-database.ts";

/** The calls that the writing thread serves. */
export type ArchiveWrites = Pick<
  ArchiveFile,
  | "sync"
  | "syncNew"
  | "rename"
  | "expireHeads"
  | "keepSecret"
  | "refuseAuthor"
  | "forgetAuthor"
  | "expire"
  | "scrub"
>;

const data: ArchiveThreadData = workerData;

await serveCalls(async (log, onHealth) => {
  const archive = new ArchiveFile(openArchiveDatabase(data, { log, onHealth }));
  const { sync, syncNew, rename, expireHeads, keepSecret, refuseAuthor, forgetAuthor, expire, scrub } =
    archive;
  const served = {
    sync,
    syncNew,
    rename,
    expireHeads,
    keepSecret,
    refuseAuthor,
    forgetAuthor,
    expire,
    scrub,
  } satisfies ArchiveWrites;
  return { served, [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose]() };
});
