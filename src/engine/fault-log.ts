import { InboxError } from "../ports/inbox.ts";
import type { Log } from "../ports/log.ts";
import { MemoryError } from "../ports/memory.ts";
import { StoreError } from "../ports/store-error.ts";

/**
 * Logs a fault that may repeat. Store outages are logged once until something works again, since the stores log them
 * too. Other faults are logged each time.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #message: string;
  #isOutage = false;

  /** `message`: the log line. */
  constructor(log: Log, message: string) {
    this.#log = log;
    this.#message = message;
  }

  logFailure(error: unknown): void {
    const isOutage = [StoreError, InboxError, MemoryError].some((kind) => error instanceof kind);
    if (!isOutage || !this.#isOutage) this.#log.error({ err: error }, this.#message);
    this.#isOutage ||= isOutage;
  }

  noteSuccess(): void {
    this.#isOutage = false;
  }
}
