import { setImmediate } from "node:timers/promises";

/**
 * Calls `slice` until it says that nothing is left; between two calls everybody else has a turn. For work that SQLite
 * does while nothing else runs. @throws the signal's reason, and what `slice` throws.
 */
export async function runInSlices(
  slice: () => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  while (await slice()) {
    await setImmediate();
    signal.throwIfAborted();
  }
}
