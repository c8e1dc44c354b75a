import { workerData } from "node:worker_threads";

import { serveCalls } from "../../../runtime/threads/serve-calls.ts";
import { LogCopier, type Copied, type CopyRequest } from "./log-copier.ts";

/** The calls that the copying thread serves. */
export type LogCopies = Readonly<Record<"copy", (request: CopyRequest) => Promise<Copied>>>;

const file: string = workerData;

await serveCalls(async () => {
  const copier = new LogCopier(file);
  const copy = async (request: CopyRequest): Promise<Copied> => copier.copy(request);
  return {
    served: { copy } satisfies LogCopies,
    [Symbol.asyncDispose]: async () => copier[Symbol.dispose](),
  };
});
