import { InboxError } from "../ports/inbox.ts";
import type { Log } from "../ports/log.ts";
import { MemoryError } from "../ports/memory.ts";
import { StoreError } from "../ports/store-error.ts";

/**
 * Tells of what fails again and again. An outage of the stores is told once, until something works again: the stores tell
 * themselves when they go and when they are back. Any other fault is told each time.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #message: string;
  #isAway = false;

  /** `message`: what failed. */
  constructor(log: Log, message: string) {
    this.#log = log;
    this.#message = message;
  }

  logFailure(error: unknown): void {
    const isAway = [StoreError, InboxError, MemoryError].some((kind) => error instanceof kind);
    if (!isAway || !this.#isAway) this.#log.error({ err: error }, this.#message);
    this.#isAway ||= isAway;
  }

  noteSuccess(): void {
    this.#isAway = false;
  }
}
