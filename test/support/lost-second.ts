import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { RedisServer } from "./redis-server.ts";

/** A Redis that is to lose what it takes from now on. */
export interface LosingRedis {
  /** It dies. */
  readonly kill: () => Promise<void>;
  /** It comes back as it was when this began, as after a power loss, or a failover to a replica that lagged. */
  readonly start: () => Promise<void>;
}

export function beginToLose(redis: RedisServer): LosingRedis {
  const log = join(redis.folder, "appendonlydir");
  const kept = `${log}.before`;
  cpSync(log, kept, { recursive: true });
  return {
    kill: redis.kill,
    start: async () => {
      rmSync(log, { recursive: true });
      cpSync(kept, log, { recursive: true });
      rmSync(kept, { recursive: true });
      await redis.start();
    },
  };
}
