import type { Job as Entry } from "bullmq";

import type { Log } from "../../ports/log.ts";

/** BullMQ's lock on an entry ends this long after its last renewal, and another replica may run the job. */
export const jobLockMs = 6_000;
const renewEveryMs = 1_500;
/** So long before the lock ends, the job is aborted, so that it has time to stop. */
const stopMs = 1_000;

interface HeldLock extends Disposable {
  /** Aborts when another replica may run the job. Aborted from the start if the fetch was answered too late. */
  readonly signal: AbortSignal;
}

/**
 * Renews the lock of an entry while its job runs. BullMQ's own renewal says nothing while a call is unanswered, and the
 * job would go on beside its next run on another replica. Counts from when a call was sent: the answer may be late.
 */
export function holdLock(entry: Entry, token: string, log: Log): HeldLock {
  const lost = new AbortController();
  const lose = (): void => {
    if (!lost.signal.aborted) log.debug({ job: entry.name }, "a job lost its lock; another replica runs it");
    lost.abort(new Error("The lock of the job ended"));
  };
  const endAfter = (ageMs: number): NodeJS.Timeout | undefined => {
    const leftMs = jobLockMs - stopMs - ageMs;
    if (leftMs > 0) return setTimeout(lose, leftMs);
    lose();
    return undefined;
  };
  let ending = endAfter(Math.max(0, Date.now() - (entry.processedOn ?? Date.now())));
  const renew = async (): Promise<void> => {
    const sentAtMs = performance.now();
    const isRenewed = (await entry.extendLock(token, jobLockMs)) === 1;
    clearTimeout(ending);
    if (lost.signal.aborted) return;
    if (isRenewed) ending = endAfter(performance.now() - sentAtMs);
    else lose();
  };
  // A renewal that fails is followed by the next one, or by the end of the lock.
  const renewing = setInterval(() => void renew().catch(() => undefined), renewEveryMs);
  return {
    signal: lost.signal,
    [Symbol.dispose]: () => {
      clearInterval(renewing);
      clearTimeout(ending);
      lost.abort(new Error("The job ended"));
    },
  };
}
