import type { Log } from "../../ports/log.ts";

/** Logs that a correction of counters is lost. A count that is slightly too high until midnight must not cost an answer. */
export function logUnsettled(log: Log, error: unknown): void {
  log.debug({ err: error }, "usage not settled; counts stay slightly high until midnight UTC");
}
