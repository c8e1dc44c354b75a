import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import { MemoryError } from "../../../ports/memory.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import type { Connection } from "./connection.ts";
import type { ErrorCode } from "../wire/protocol.ts";

/** Which page gets the error, with which code. */
export interface Refusal {
  readonly connection: Connection;
  readonly code: ErrorCode;
  /** The id of the frame that failed. */
  readonly id?: string | undefined;
  /** The uploads that it is about. Missing: none. */
  readonly files?: readonly string[];
}

/** Sends error frames to pages, each with a reference that is also in the log. */
export class ErrorFrames {
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #sparse: SparseLog;

  constructor(ports: { readonly ids: Ids; readonly log: Log; readonly clock: Clock }) {
    this.#ids = ports.ids;
    this.#log = ports.log;
    this.#sparse = new SparseLog(ports);
  }

  /** Runs `work` and reports its failure to the page as `refusal`. Never rejects. */
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

  refuse({ connection, code, id, files }: Refusal, message: string, error?: unknown): void {
    const reference = this.#ids.reference();
    const about = { ...(id === undefined ? {} : { id }), ...(files === undefined ? {} : { files }) };
    connection.send({ type: "error", ...about, code, message, reference });
    if (error === undefined) this.#logRefused(code, reference);
    else this.#log.error({ err: error, code, reference }, "a frame failed");
  }

  /** Clients decide how many frames they send, so the warning is rate-limited. */
  #logRefused(code: ErrorCode, reference: string): void {
    this.#log.debug({ code, reference }, "a frame was refused");
    this.#sparse.warn(code, { reference }, "a frame was refused; LOG_LEVEL=debug shows each");
  }
}
