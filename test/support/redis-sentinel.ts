import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { Redis } from "ioredis";

import { freePort, startRedisServer } from "./redis-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A primary, its replica, and a Sentinel that promotes the replica when the primary dies. */
export async function startRedisSentinel() {
  const opened = new AsyncDisposableStack();
  const primary = opened.use(await startRedisServer("--repl-diskless-sync-delay", "0"));
  const { port } = new URL(primary.url);
  opened.use(await startRedisServer("--replicaof", "127.0.0.1", port));
  const folder = opened.use(temporaryFolder());
  const file = join(folder.path, "sentinel.conf");
  const own = await freePort();
  writeFileSync(
    file,
    [
      `port ${own}`,
      "bind 127.0.0.1",
      `sentinel monitor main 127.0.0.1 ${port} 1`,
      "sentinel down-after-milliseconds main 3000",
      "sentinel failover-timeout main 5000",
      "",
    ].join("\n"),
  );
  const child = spawn("redis-server", [file, "--sentinel"], { stdio: ["ignore", "pipe", "inherit"] });
  opened.defer(() => end(child));
  await untilItKnowsTheReplica(child);
  return {
    url: `redis+sentinel://127.0.0.1:${own}/main`,
    /** After the replica has got all that the primary has. */
    killPrimary: async () => {
      await untilReplicated(primary.url);
      await primary.kill();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function untilReplicated(url: string): Promise<void> {
  const redis = new Redis(url);
  // Only what this connection has written is waited for.
  await redis.set("last", "1");
  const replicas = await redis.wait(1, 0);
  redis.disconnect();
  if (replicas < 1) throw new Error("The replica did not follow");
}

async function untilItKnowsTheReplica(child: ChildProcess): Promise<void> {
  let said = "";
  for await (const bytes of child.stdout ?? []) {
    said += String(bytes);
    if (said.includes("+slave slave")) return;
  }
  throw new Error(`The Sentinel did not start: ${said}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
