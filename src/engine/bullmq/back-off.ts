import type { Worker } from "bullmq";

import type { Log } from "../../ports/log.ts";

const firstPauseMs = 500;
const maxPauseMs = 5_000;
/** So long without a refusal, and it is over. */
const calmMs = 6_000;

/** The stores share the server, and tell that it takes no writes. */
const noWritesPattern = /\b(?:OOM|READONLY|MISCONF|NOREPLICAS)\b/u;

interface BackOffOptions {
  /** Of the queue. */
  readonly name: string;
  readonly log: Log;
  /** The server has no room for what the queue writes. May be called again before it is over. */
  readonly onFull?: () => void;
  /** The server takes what the queue asks again. */
  readonly onEnd?: () => void;
}

/**
 * BullMQ repeats at once what the server refuses (no right, no memory, no writes), as fast as the machine can. Such a
 * worker rests a while, longer each time. What is no answer of the server's BullMQ waits for by itself.
 */
export function backOffOnRefusals(worker: Worker, { name, log, onFull, onEnd }: BackOffOptions): Disposable {
  let pauseMs = firstPauseMs;
  let resting: NodeJS.Timeout | undefined;
  let settling: NodeJS.Timeout | undefined;
  let isTold = false;
  const isOver = (): void => {
    pauseMs = firstPauseMs;
    const wasTold = isTold;
    isTold = false;
    onEnd?.();
    if (wasTold) log.info({ queue: name }, "Redis takes what the queue asks again");
  };
  const goOn = (): void => {
    resting = undefined;
    settling = setTimeout(isOver, calmMs).unref();
    void worker.resume().catch(() => undefined);
  };
  const rest = (): void => {
    void worker.pause(true).catch(() => undefined);
    resting = setTimeout(goOn, pauseMs);
    pauseMs = Math.min(maxPauseMs, pauseMs * 2);
  };
  worker.on("error", (error) => {
    log.debug({ err: error, queue: name }, "a queue has a fault");
    if (error.name !== "ReplyError" || resting !== undefined) return;
    clearTimeout(settling);
    if (!isTold && !noWritesPattern.test(error.message)) {
      log.error({ err: error, queue: name }, "Redis refuses what the queue asks; it asks more slowly");
      isTold = true;
    }
    if (isServerFull(error)) onFull?.();
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
export function isServerFull(error: unknown): boolean {
  return error instanceof Error && /\bOOM\b/u.test(error.message);
}
