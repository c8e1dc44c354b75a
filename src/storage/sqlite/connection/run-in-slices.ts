import { setImmediate } from "node:timers/promises";

/**
 * Calls `slice` until it returns false, and lets other events run in between. For work that blocks the event loop.
 * @throws the signal's reason, or what `slice` throws.
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
