import type { Worker } from "bullmq";

import type { Log } from "../../ports/log.ts";

const firstPauseMs = 500;
const maxPauseMs = 5_000;
/** After this long without a refusal, the back-off ends. */
const calmMs = 6_000;

/** The stores use the same server and report that it refuses writes. */
const noWritesPattern = /\b(?:OOM|READONLY|MISCONF|NOREPLICAS)\b/u;

const refusedLine =
  "Redis refuses the queue's commands; grant the user what the error names. Retrying more slowly";

interface BackOffOptions {
  /** The queue's name, for the log. */
  readonly name: string;
  readonly log: Log;
  /** The server has no memory for what the queue writes. May be called several times before `onEnd`. */
  readonly onFull?: () => void;
  /** The server accepts the queue's commands again. */
  readonly onEnd?: () => void;
}

/**
 * Pauses a worker whose commands the server refuses (no right, no memory, no writes), longer each time. BullMQ alone
 * would repeat them at once, as fast as the machine can. Other faults are left to BullMQ.
 */
export function backOffOnRefusals(worker: Worker, { name, log, onFull, onEnd }: BackOffOptions): Disposable {
  let pauseMs = firstPauseMs;
  let pausing: NodeJS.Timeout | undefined;
  let calming: NodeJS.Timeout | undefined;
  let isLogged = false;
  const end = (): void => {
    pauseMs = firstPauseMs;
    const wasLogged = isLogged;
    isLogged = false;
    onEnd?.();
    if (wasLogged) log.info({ queue: name }, "Redis accepts the queue's commands again");
  };
  const resume = (): void => {
    pausing = undefined;
    calming = setTimeout(end, calmMs).unref();
    void worker.resume().catch(() => undefined);
  };
  const pause = (): void => {
    void worker.pause(true).catch(() => undefined);
    pausing = setTimeout(resume, pauseMs);
    pauseMs = Math.min(maxPauseMs, pauseMs * 2);
  };
  worker.on("error", (error) => {
    log.debug({ err: error, queue: name }, "a queue failed");
    if (error.name !== "ReplyError" || pausing !== undefined) return;
    clearTimeout(calming);
    if (!isLogged && !noWritesPattern.test(error.message)) {
      log.error({ err: error, queue: name }, refusedLine);
      isLogged = true;
    }
    if (isServerFull(error)) onFull?.();
    pause();
  });
  return {
    [Symbol.dispose]: () => {
      clearTimeout(pausing);
      clearTimeout(calming);
    },
  };
}

/** Whether the server refuses commands that need memory. */
export function isServerFull(error: unknown): boolean {
  return error instanceof Error && /\bOOM\b/u.test(error.message);
}
