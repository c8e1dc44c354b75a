import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { randomInt } from "node:crypto";

import { temporaryFolder } from "./temporary-folder.ts";

/** Why tests with their own Redis can't run here. Undefined if they can. */
export const redisIsMissing: string | undefined =
  spawnSync("redis-server", ["--version"]).status === 0
    ? undefined
    : "redis-server is not installed (apt-get install redis-server)";

/** A Redis for one test on a free port, which may stop, kill and freeze it. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** The folder of its log. */
  readonly folder: string;
  readonly start: () => Promise<void>;
  /** Kills it without closing connections. */
  readonly kill: () => Promise<void>;
  /** It keeps its connections and answers nothing. */
  readonly freeze: () => void;
  readonly thaw: () => void;
}

/** Starts a server that keeps everything (AOF, no eviction). `settings` as on its command line; later ones win. */
export async function startRedisServer(...settings: readonly string[]): Promise<RedisServer> {
  const folder = temporaryFolder();
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(
      "redis-server",
      [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        folder.path,
        "--save",
        "",
        "--appendonly",
        "yes",
        // A killed server loses nothing by it. On a busy disk, the commands would wait for seconds.
        "--appendfsync",
        "no",
        ...settings,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await untilReady(child);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    folder: folder.path,
    start,
    kill,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await kill();
      folder[Symbol.dispose]();
    },
  };
}

/** @throws {Error} with the server's output if it ends instead. */
async function untilReady(child: ChildProcess): Promise<void> {
  let said = "";
  for await (const bytes of child.stdout ?? []) {
    said += String(bytes);
    if (said.includes("Ready to accept connections")) return;
  }
  throw new Error(`redis-server did not start: ${said}`);
}

/**
 * A port that nothing listens on, and that no system gives to anybody who asks for any port: it stays free until its
 * server starts, and while that server is stopped.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    try {
      const server = createServer().listen(port, "127.0.0.1");
      await once(server, "listening");
      server.close();
      await once(server, "close");
      return port;
    } catch {
      // Somebody listens there.
    }
  }
}
