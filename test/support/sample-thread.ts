import { openSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { workerData } from "node:worker_threads";

import type { Log } from "../../src/ports/log.ts";
import { serveCalls } from "../../src/runtime/threads/serve-calls.ts";

/** A word that a thread and its test both see. */
export type Flag = Int32Array<SharedArrayBuffer>;

const { fails }: { readonly fails: boolean } = workerData;

function calls(log: Log) {
  const begun: string[] = [];
  return {
    echo: async (text: string): Promise<string> => {
      begun.push(text);
      return text;
    },
    begun: async (): Promise<readonly string[]> => begun,
    fail: async (message: string): Promise<never> => {
      throw new RangeError(message);
    },
    /** Does nothing else until the flag is set. */
    block: async (flag: Flag): Promise<void> => {
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      Atomics.wait(flag, 0, 1);
    },
    /** Until it is cancelled. */
    idle: async (flag: Flag, signal: AbortSignal): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      Atomics.store(flag, 0, 7);
    },
    /** Goes on for some turns after it is cancelled. */
    linger: async (flag: Flag, signal: AbortSignal): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(), { once: true });
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      await promise;
      for (let turn = 0; turn < 100; turn += 1) await setImmediate();
      log.info({}, "the call has stopped");
    },
    /** Leaves a file open. */
    open: async (file: string): Promise<number> => openSync(file, "r+"),
    end: async (): Promise<void> => process.exit(),
  };
}

export type SampleCalls = ReturnType<typeof calls>;

await serveCalls(async (log) => {
  if (fails) throw new RangeError("it can't be opened");
  log.info({ answer: 42 }, "the sample is open");
  return { served: calls(log), [Symbol.asyncDispose]: async () => log.info({}, "the sample is closed") };
});
