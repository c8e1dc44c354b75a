import { raceAbort } from "./race-abort.ts";
import { TimeLimit } from "./time-limit.ts";

/**
 * Waits for work that may ignore its signal, until `ms` have passed or the signal fires. The work itself continues.
 * @throws its own error, a TimeoutError, or the signal's reason.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  using limit = new TimeLimit(ms, signal);
  return await raceAbort(work(limit.signal), limit.signal);
}
