import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import { CallableThread, ThreadError } from "../../../src/runtime/threads/callable-thread.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import type { Flag, SampleCalls } from "../../support/sample-thread.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);

function start({ fails = false, ...more }: { fails?: boolean; closeMs?: number } = {}) {
  const log = new RecordingLog();
  const thread = new CallableThread<SampleCalls>({
    name: "the sample thread",
    file: new URL("../../support/sample-thread.ts", import.meta.url),
    data: () => ({ fails }),
    log,
    ...more,
  });
  return { thread, said: () => log.lines.map(({ message }) => message) };
}

const newFlag = (): Flag => new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread, and gives what sets it free. */
async function block(thread: CallableThread<SampleCalls>) {
  const flag = newFlag();
  const blocked = thread.call("block", flag, signal);
  await Atomics.waitAsync(flag, 0, 0).value;
  return async () => {
    Atomics.store(flag, 0, 2);
    Atomics.notify(flag, 0);
    await blocked;
  };
}

/** As the operating system lists them. */
function locksOn(file: string): string {
  const { ino } = statSync(file);
  const lines = readFileSync("/proc/locks", "utf8").split("\n");
  return lines.filter((line) => line.includes(`:${ino} `)).join("\n");
}

describe("functions in their own thread", () => {
  test("return results, and errors as data", async () => {
    const { thread, said } = start();
    {
      await using called = thread;
      expect(await called.call("echo", "hello", signal)).toBe("hello");
      const failed = called.call("fail", "too far", signal);
      await expect(failed).rejects.toMatchObject({
        name: "ThreadError",
        kind: "RangeError",
        message: "too far",
      });
      expect(called.health()).toEqual({ ok: true, why: "" });
    }
    expect(said()).toEqual(["the sample is open", "the sample is closed"]);
    await expect(thread.call("echo", "late", signal)).rejects.toBeInstanceOf(ThreadError);
  });

  test("are not awaited beyond the signal, and never begin if they are cancelled before", async () => {
    await using thread = start().thread;
    const free = await block(thread);
    const ending = new AbortController();
    const cancelled = thread.call("echo", "cancelled", ending.signal);
    const reason = new Error("enough");
    ending.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    const later = thread.call("echo", "later", signal);
    await free();
    expect(await later).toBe("later");
    expect(await thread.call("begun", undefined, signal)).toEqual(["later"]);
    await expect(thread.call("echo", "never", AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test("are notified when they are cancelled while they run", async () => {
    await using thread = start().thread;
    const flag = newFlag();
    const ending = new AbortController();
    const idle = thread.call("idle", flag, ending.signal);
    await thread.call("echo", "it has begun", signal);
    ending.abort(new Error("enough"));
    await expect(idle).rejects.toThrow("enough");
    await expect.poll(() => Atomics.load(flag, 0)).toBe(7);
  });

  test("are rejected when the thread ends, and run again in the next one", async () => {
    const { thread, said } = start();
    await using called = thread;
    const idle = called.call("idle", newFlag(), signal);
    const ended = called.call("end", undefined, signal);
    await expect(ended).rejects.toThrow("the sample thread has ended");
    await expect(idle).rejects.toBeInstanceOf(ThreadError);
    expect(called.health()).toEqual({ ok: false, why: "the sample thread has ended" });
    await expect(called.call("echo", "too soon", signal)).rejects.toThrow("is not running");
    await expect.poll(() => called.health().ok).toBe(true);
    expect(await called.call("echo", "again", signal)).toBe("again");
    expect(said()).toContain("the sample thread has ended and is restarted");
  });

  test.skipIf(process.platform !== "linux")(
    "end without dropping the locks that SQLite has on a file for the whole process",
    async () => {
      using folder = temporaryFolder();
      await using thread = start().thread;
      const file = join(folder.path, "data.sqlite");
      using database = new DatabaseSync(file);
      database.exec("PRAGMA journal_mode = WAL; CREATE TABLE kept (id INTEGER)");
      await thread.call("open", file, signal);
      await expect(thread.call("end", undefined, signal)).rejects.toBeInstanceOf(ThreadError);
      await expect.poll(() => thread.health().ok).toBe(true);
      expect(locksOn(file)).toMatch(/READ/u);
    },
  );

  test("are awaited before it closes", async () => {
    const { thread } = start();
    const free = await block(thread);
    const last = thread.call("echo", "last", signal);
    const closing = thread[Symbol.asyncDispose]();
    await free();
    expect(await last).toBe("last");
    await closing;
  });

  test("that were cancelled have stopped before their resources are closed", async () => {
    const { thread, said } = start();
    const flag = newFlag();
    const ending = new AbortController();
    const lingering = thread.call("linger", flag, ending.signal);
    await Atomics.waitAsync(flag, 0, 0).value;
    ending.abort(new Error("enough"));
    await expect(lingering).rejects.toThrow("enough");
    await thread[Symbol.asyncDispose]();
    expect(said()).toEqual(["the sample is open", "the call has stopped", "the sample is closed"]);
  });

  test("that never stop are terminated, and the operator is told", async () => {
    const { thread, said } = start({ closeMs: 1 });
    const flag = newFlag();
    const ending = new AbortController();
    const blocked = thread.call("block", flag, ending.signal);
    await Atomics.waitAsync(flag, 0, 0).value;
    ending.abort(new Error("enough"));
    await expect(blocked).rejects.toThrow("enough");
    await thread[Symbol.asyncDispose]();
    expect(said()).toEqual([
      "the sample is open",
      "the sample thread did not close in time and was terminated",
    ]);
  });

  test("give the reason when they can't be opened", async () => {
    await using thread = start({ fails: true }).thread;
    const waiting = thread.call("echo", "hello", signal);
    await expect(thread.opened()).rejects.toMatchObject({
      kind: "RangeError",
      message: "it can't be opened",
    });
    await expect(waiting).rejects.toThrow("it can't be opened");
  });
});
