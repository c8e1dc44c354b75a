import { basename } from "node:path";

import type { Log } from "../../../ports/log.ts";

const patienceMs = 600_000;

interface StuckLogPorts {
  readonly file: string;
  readonly log: Log;
  readonly nowMs?: () => number;
}

/** Tells the operator, once, when the log of a database can't be emptied for ten minutes, and when it can be again. */
export class StuckLog {
  readonly #log: Log;
  readonly #database: string;
  readonly #nowMs: () => number;
  #sinceMs: number | undefined;
  #isTold = false;

  constructor({ file, log, nowMs = () => performance.now() }: StuckLogPorts) {
    this.#log = log;
    this.#database = basename(file);
    this.#nowMs = nowMs;
  }

  /** Call it often. `bytes`: the size of the log. */
  note(isStuck: boolean, bytes: () => number): void {
    const database = this.#database;
    if (!isStuck) {
      if (this.#isTold) this.#log.info({ database }, "a database's log can be emptied again");
      this.#isTold = false;
      this.#sinceMs = undefined;
      return;
    }
    this.#sinceMs ??= this.#nowMs();
    if (this.#isTold || this.#nowMs() - this.#sinceMs < patienceMs) return;
    this.#isTold = true;
    this.#log.warn(
      { database, bytes: bytes() },
      "a database's log can't be emptied: it grows, and what people delete stays in it. End the program that reads the database all the time, or see whether its disk hangs",
    );
  }
}
