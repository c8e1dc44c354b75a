import type { Clock } from "../../ports/clock.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { retryDelayMs } from "../../async/retry-delay.ts";

const maxTries = 5;
/** A turn that has to wait longer gives its slot back and is scheduled again. */
const longestWaitMs = 2_000;

/**
 * Runs an idempotent platform call up to five times. Waits with jittered exponential backoff, or as long as the platform
 * asks. @throws {PlatformError} at once if retrying can't help or the platform asks for more than `patienceMs`, else the
 * last one.
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
      const pace = { firstMs: 500, longestMs: 4_000, askedForMs: error.retryAfterMs };
      await clock.sleep(retryDelayMs(tries, pace), signal);
    }
  }
}

/** Minimum pause (ms) before the next call to the platform. @throws the error itself if waiting can't help. */
export function retryDelayOf(error: unknown): number {
  if (error instanceof PlatformError && error.isPassing) return error.retryAfterMs;
  throw error;
}
