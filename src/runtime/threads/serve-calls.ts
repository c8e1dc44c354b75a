import { flushCompileCache } from "node:module";
import { setImmediate } from "node:timers/promises";
import { parentPort, type MessagePort } from "node:worker_threads";

import type { Log } from "../../ports/log.ts";
import type { Health } from "../../ports/component.ts";
import type { ErrorData, FromThread, Served, ToThread } from "./thread-messages.ts";

/** What a thread serves, and closes at its end. */
export interface Serving extends AsyncDisposable {
  readonly served: Served;
}

/**
 * The thread's side of CallableThread: opens, then answers calls until it is closed. Calls run concurrently while they wait;
 * one that is cancelled before its start never starts. At the end, running calls are cancelled and awaited before anything is
 * closed. `onHealth` sets the thread's health.
 */
export async function serveCalls(
  open: (log: Log, onHealth: (health: Health) => void) => Promise<Serving>,
): Promise<void> {
  if (parentPort === null) throw new Error("serveCalls must run in a worker thread");
  const port = parentPort;
  try {
    const serving = await open(logThrough(port), (health) => post(port, { kind: "health", health }));
    port.on("message", answerWith(port, serving));
    post(port, { kind: "opened" });
    // As in start.js: each thread has loaded its compiled code by itself.
    flushCompileCache();
  } catch (error) {
    post(port, { kind: "failed", error: dataOf(error) });
    port.close();
  }
}

function answerWith(port: MessagePort, { served, ...serving }: Serving): (message: ToThread<never>) => void {
  const running = new Map<number, AbortController>();
  const runs = new Set<Promise<void>>();
  let lastTurn: Promise<unknown> = Promise.resolve();
  const run = async (id: number, name: string, argument: never): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    // Each starts in a separate turn of the event loop, so that cancellations are read first.
    const turn = lastTurn.then(() => setImmediate());
    lastTurn = turn;
    try {
      await turn;
      controller.signal.throwIfAborted();
      const value = await served[name]?.(argument, controller.signal);
      post(port, { kind: "done", id, value });
    } catch (error) {
      post(port, { kind: "refused", id, error: dataOf(error) });
    } finally {
      running.delete(id);
    }
  };
  const begin = (id: number, name: string, argument: never): void => {
    const each = run(id, name, argument).finally(() => runs.delete(each));
    runs.add(each);
  };
  const settled = async (): Promise<void> => {
    for (const controller of running.values()) controller.abort();
    await Promise.allSettled(runs);
  };
  return (message) => {
    switch (message.kind) {
      case "call":
        return begin(message.id, message.name, message.argument);
      case "cancel":
        return running.get(message.id)?.abort();
      case "close":
        return void close(port, settled, serving);
    }
  };
}

async function close(
  port: MessagePort,
  settled: () => Promise<void>,
  serving: AsyncDisposable,
): Promise<void> {
  try {
    await settled();
    await serving[Symbol.asyncDispose]();
  } finally {
    port.close();
  }
}

function post(port: MessagePort, message: FromThread<unknown>): void {
  port.postMessage(message);
}

function logThrough(port: MessagePort): Log {
  const line =
    (level: keyof Log): Log["debug"] =>
    (facts, message) =>
      post(port, { kind: "log", level, facts, message });
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

function dataOf(error: unknown): ErrorData {
  return error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : { name: "Error", message: String(error), stack: undefined };
}
