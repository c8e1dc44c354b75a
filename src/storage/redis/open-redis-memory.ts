import KeyvRedis, { createClient } from "@keyv/redis";
import { Keyv } from "keyv";

import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { Health } from "../../ports/part.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { KeyvMemory } from "../keyv/keyv-memory.ts";
import { warnOfLosses } from "./warn-of-losses.ts";

const startMs = 5_000;

/** Redis can't be used; the message says why and what to do, without the URL's password. */
class RedisError extends Error {
  override readonly name = "RedisError";
}

export interface RedisMemory extends AsyncDisposable {
  readonly memory: KeyvMemory;
  readonly health: () => Health;
}

type Client = ReturnType<typeof openClient>;

/** Working memory in Redis. @throws {RedisError} when it can't be reached within five seconds. */
export async function openRedisMemory(options: {
  readonly url: string;
  readonly ids: Ids;
  readonly log: Log;
}): Promise<RedisMemory> {
  const { url, ids, log } = options;
  const client = openClient(url);
  watchOutages(client, log);
  try {
    await withDeadline(client.connect(), startMs, new AbortController().signal);
    await warnOfLosses(client, log);
  } catch (cause) {
    client.destroy();
    if (cause instanceof RedisError) throw cause;
    const { host } = new URL(url);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RedisError(
      `REDIS_URL: can't reach Redis at ${host} within ${startMs / 1_000} s (${reason}). Is it running, and is the address right?`,
      { cause },
    );
  }
  const adapter = new KeyvRedis(client, {
    namespace: "threadkeeper",
    throwOnErrors: true,
    throwOnConnectError: true,
  });
  const keyv = new Keyv({ store: adapter, useKeyPrefix: false, throwOnErrors: true });
  // The client's own listener reports; without this one Keyv ends the process.
  keyv.on("error", () => undefined);
  return {
    memory: new KeyvMemory(keyv, ids, log),
    health: () => (client.isReady ? { ok: true, why: "" } : { ok: false, why: "Redis can't be reached" }),
    [Symbol.asyncDispose]: async () => {
      // Every write was awaited; a frozen server must not hold up the exit.
      if (client.isOpen) client.destroy();
    },
  };
}

function openClient(url: string) {
  return createClient({
    url,
    // Commands fail at once while the connection is down, instead of waiting for ever.
    disableOfflineQueue: true,
    // A frozen server says nothing: the ping keeps an idle connection talking, the timeout ends a silent one.
    pingInterval: 1_000,
    socket: {
      connectTimeout: startMs,
      socketTimeout: 3_000,
      reconnectStrategy: (retries) => Math.min(2_000, 50 * 2 ** retries) * (0.5 + Math.random()),
    },
  });
}

/** One line when it goes, one when it is back, however often the client tries in between. */
function watchOutages(client: Client, log: Log): void {
  let isDown = false;
  client.on("error", (error: unknown) => {
    if (!isDown) log.error({ err: error }, "Redis is lost; answers wait until it is back");
    isDown = true;
  });
  client.on("ready", () => {
    if (isDown) log.info({}, "Redis is back");
    isDown = false;
  });
}
