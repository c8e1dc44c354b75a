import type { Worker } from "bullmq";

import type { Log } from "../../ports/log.ts";

const firstPauseMs = 500;
const longestPauseMs = 5_000;
/** So long without a refusal, and it is over. */
const quietMs = 6_000;

/** The stores share the server, and tell that it takes no writes. */
const takesNoWrites = /\b(?:OOM|READONLY|MISCONF|NOREPLICAS)\b/u;

interface Easing {
  /** Of the queue. */
  readonly name: string;
  readonly log: Log;
  /** The server has no room for what the queue writes. May be called again before it is over. */
  readonly onFull?: () => void;
  /** The server takes what the queue asks again. */
  readonly onOver?: () => void;
}

/**
 * BullMQ repeats at once what the server refuses (no right, no memory, no writes), as fast as the machine can. Such a
 * worker rests a while, longer each time. What is no answer of the server's BullMQ waits for by itself.
 */
export function easeOff(worker: Worker, { name, log, onFull, onOver }: Easing): Disposable {
  let pauseMs = firstPauseMs;
  let resting: NodeJS.Timeout | undefined;
  let settling: NodeJS.Timeout | undefined;
  let isTold = false;
  const isOver = (): void => {
    pauseMs = firstPauseMs;
    const wasTold = isTold;
    isTold = false;
    onOver?.();
    if (wasTold) log.info({ queue: name }, "Redis takes what the queue asks again");
  };
  const goOn = (): void => {
    resting = undefined;
    settling = setTimeout(isOver, quietMs).unref();
    void worker.resume().catch(() => undefined);
  };
  const rest = (): void => {
    void worker.pause(true).catch(() => undefined);
    resting = setTimeout(goOn, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  };
  worker.on("error", (error) => {
    log.debug({ err: error, queue: name }, "a queue has a fault");
    if (error.name !== "ReplyError" || resting !== undefined) return;
    clearTimeout(settling);
    if (!isTold && !takesNoWrites.test(error.message)) {
      log.error({ err: error, queue: name }, "Redis refuses what the queue asks; it asks more slowly");
      isTold = true;
    }
    if (isFull(error)) onFull?.();
    rest();
  });
  return {
    [Symbol.dispose]: () => {
      clearTimeout(resting);
      clearTimeout(settling);
    },
  };
}

/** The server refuses what would make it fuller. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /\bOOM\b/u.test(error.message);
}
