import KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";

import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { Health } from "../../ports/part.ts";
import { KeyvMemory } from "../keyv/keyv-memory.ts";
import { connectRedis } from "./connect-redis.ts";

export interface RedisMemory extends AsyncDisposable {
  readonly memory: KeyvMemory;
  readonly health: () => Health;
}

/** Working memory in Redis. @throws {RedisError} when it can't be used within five seconds. */
export async function openRedisMemory(options: {
  readonly url: string;
  readonly ids: Ids;
  readonly log: Log;
}): Promise<RedisMemory> {
  const { url, ids, log } = options;
  const client = await connectRedis(url, log);
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
