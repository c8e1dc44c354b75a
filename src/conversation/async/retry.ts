import type { Clock } from "../../ports/clock.ts";
import { PlatformError } from "../../ports/platform.ts";

const maxTries = 5;
/** A turn that waits longer gives its slot back: see waitOut. */
const longestWaitMs = 2_000;

/**
 * Does something on a platform that is safe to repeat, up to five times, with growing, jittered waits or as long as
 * the platform asks. @throws the last {PlatformError}, at once when trying again can't help, or when the platform asks
 * for more patience than `patienceMs`.
 */
export async function retry<T>(
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<T>,
  patienceMs = longestWaitMs,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PlatformError) || !error.isPassing || tries === maxTries) throw error;
      if (error.retryAfterMs > patienceMs) throw error;
      const growingMs = 250 * 2 ** tries * (0.5 + Math.random());
      await clock.sleep(Math.max(error.retryAfterMs, growingMs), signal);
    }
  }
}

/** How long to leave the platform alone, in ms, at least. @throws what waiting can't heal. */
export function retryDelayOf(error: unknown): number {
  if (error instanceof PlatformError && error.isPassing) return error.retryAfterMs;
  throw error;
}
