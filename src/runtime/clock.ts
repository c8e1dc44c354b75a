import type { Clock } from "../ports/clock.ts";

/** Node's longest timer. A longer one fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The system clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    let leftMs = ms;
    for (; leftMs > maxTimerMs; leftMs -= maxTimerMs) await sleepOnce(maxTimerMs, signal);
    await sleepOnce(leftMs, signal);
  },
};

/** Node's own promise would wrap the reason in an AbortError; callers branch on the reason. */
async function sleepOnce(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const fire = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", fire);
      resolve();
    }, ms);
    signal.addEventListener("abort", fire, { once: true });
  });
}
