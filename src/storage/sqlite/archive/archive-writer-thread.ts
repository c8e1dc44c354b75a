import { workerData } from "node:worker_threads";

import { serveCalls } from "../../../runtime/threads/serve-calls.ts";
import { LedgerFile } from "./archive-file.ts";
import { openLedgerDatabase, type LedgerThreadData } from "./open-archive-database.ts";

/** What the thread that writes the archive serves. */
export type LedgerWrites = Pick<
  LedgerFile,
  "file" | "rename" | "expireHeads" | "keepSecret" | "refuseAuthor" | "forgetAuthor" | "expire" | "scrub"
>;

const data: LedgerThreadData = workerData;

await serveCalls(async (log, onHealth) => {
  const ledger = new LedgerFile(openLedgerDatabase(data, { log, onHealth }));
  const { file, rename, expireHeads, keepSecret, refuseAuthor, forgetAuthor, expire, scrub } = ledger;
  const served = {
    file,
    rename,
    expireHeads,
    keepSecret,
    refuseAuthor,
    forgetAuthor,
    expire,
    scrub,
  } satisfies LedgerWrites;
  return { served, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() };
});
