import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import { MemoryError } from "../../../ports/memory.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import type { Connection } from "./connection.ts";
import type { ErrorCode } from "../wire/protocol.ts";

/** What a page is told instead of what it wanted. */
export interface Refusal {
  readonly connection: Connection;
  readonly code: ErrorCode;
  /** The frame's own. */
  readonly id?: string | undefined;
}

/** Tells pages what went wrong, under a reference that is in the log. */
export class ErrorFrames {
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #sparse: SparseLog;

  constructor(ports: { readonly ids: Ids; readonly log: Log; readonly clock: Clock }) {
    this.#ids = ports.ids;
    this.#log = ports.log;
    this.#sparse = new SparseLog(ports);
  }

  /** Does a work that may fail; `refusal` is for what it then is. Never rejects. */
  async runOrReport(refusal: Refusal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const code = error instanceof MemoryError ? "memory-unavailable" : refusal.code;
      const message =
        code === "not-stored"
          ? "That couldn't be saved. Please send it again."
          : "I can't reach my memory right now. Please try again in a moment.";
      this.refuse({ ...refusal, code }, message, error);
    }
  }

  refuse({ connection, code, id }: Refusal, message: string, error?: unknown): void {
    const reference = this.#ids.reference();
    connection.send({ type: "error", ...(id === undefined ? {} : { id }), code, message, reference });
    if (error === undefined) this.#logRefused(code, reference);
    else this.#log.error({ err: error, code, reference }, "a frame failed");
  }

  /** Clients choose how many frames they send, and so how many of these there are. */
  #logRefused(code: ErrorCode, reference: string): void {
    this.#log.debug({ code, reference }, "a frame was refused");
    this.#sparse.warn(code, { reference }, "a frame was refused; LOG_LEVEL=debug shows each");
  }
}
