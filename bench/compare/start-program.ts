import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { ProbeAnswer, ProbeOrder } from "./probe.ts";

const probe = fileURLToPath(new URL("probe.ts", import.meta.url));
const startMs = 60_000;
const stopMs = 20_000;
/** What the bot's image sets, for everybody. */
const malloc = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "262144",
};
const kept = { PATH: process.env["PATH"] ?? "", ...malloc };
/** Else all but the bot would hold what strips the types of the probe, 20 MiB. */
const compiled = fileURLToPath(new URL("../../node_modules/.cache/bench", import.meta.url));

/** A running program of a contestant. Disposing it ends it. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly ask: (order: ProbeOrder) => Promise<ProbeAnswer>;
  readonly output: () => string;
}

export interface ProgramStart {
  readonly program: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly port: number;
  /** See Contestant. */
  readonly readyPath?: string | undefined;
  /** Only what the program itself loads. Then it can't be asked. */
  readonly withoutProbe?: boolean;
}

/** Starts a program, and waits until it is ready. @throws if it ends before. */
export async function startProgram(start: ProgramStart): Promise<Program> {
  const folder = temporaryFolder();
  const isPlain = start.withoutProbe === true;
  const flags = isPlain ? [] : ["--expose-gc", "--import", probe];
  const child = spawn(process.execPath, [...flags, start.program], {
    cwd: folder.path,
    env: {
      ...kept,
      ...(isPlain ? {} : { NODE_COMPILE_CACHE: compiled }),
      DATA_DIR: folder.path,
      PORT: String(start.port),
      NODE_ENV: "production",
      ...start.settings,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  const keep = (bytes: Buffer | string): void => void (output = (output + bytes.toString()).slice(-20_000));
  child.stderr?.on("data", keep);
  const lines = child.stdout === null ? undefined : createInterface({ input: child.stdout });
  const saidReady = Promise.withResolvers<void>();
  lines?.on("line", (line) => {
    keep(`${line}\n`);
    if (line.trim() === "ready") saidReady.resolve();
  });
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`${start.program} ended (${code ?? signal}):\n${output}`);
  });
  const stop = async (): Promise<void> => {
    await end(child);
    folder[Symbol.dispose]();
  };
  try {
    const isReady =
      start.readyPath === undefined ? saidReady.promise : untilReady(start.port, start.readyPath);
    await Promise.race([isReady, ended, timeout(() => output)]);
  } catch (error) {
    ended.catch(() => undefined);
    await stop();
    throw error;
  }
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ask: async (order) => {
      const answered = once(child, "message");
      child.send(order);
      const [answer] = await Promise.race([answered, ended]);
      return answer;
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function timeout(output: () => string): Promise<never> {
  await setTimeout(startMs, undefined, { ref: false });
  throw new Error(`Not ready within ${startMs / 1_000} s:\n${output()}`);
}

/** Resolves when the address answers 200. */
async function untilReady(port: number, path: string): Promise<void> {
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}${path}`).then(
      async (response) => {
        await response.text();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) return;
    await setTimeout(20);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const isLate = Symbol("late");
  const first = await Promise.race([exit, setTimeout(stopMs, isLate, { ref: false })]);
  if (first !== isLate) return;
  child.kill("SIGKILL");
  await exit;
}
