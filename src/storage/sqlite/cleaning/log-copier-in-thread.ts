import { basename } from "node:path";

import type { Log } from "../../../ports/log.ts";
import { CallableThread } from "../../../runtime/threads/callable-thread.ts";
import type { LogCopying } from "./clean-database.ts";
import type { Copied, CopyRequest } from "./log-copier.ts";
import type { LogCopies } from "./log-copier-thread.ts";

/** Calls LogCopier in a thread, which is started when it is first needed: a bot at rest does without it. */
export class LogCopierInThread implements LogCopying, AsyncDisposable {
  readonly #file: string;
  readonly #log: Log;
  #thread: CallableThread<LogCopies> | undefined;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  /** @throws {ThreadError} when nothing is being copied any more. */
  readonly copy = (request: CopyRequest): Promise<Copied> => {
    this.#thread ??= new CallableThread<LogCopies>({
      name: `the thread that empties the log of ${basename(this.#file)}`,
      file: new URL("./log-copier-thread.ts", import.meta.url),
      data: () => this.#file,
      log: this.#log,
    });
    // Never cancelled: a cancelled call may still run.
    return this.#thread.call("copy", request, new AbortController().signal);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
  }
}
