import { Redis, type RedisOptions } from "ioredis";

import { redisAddress } from "../../runtime/addresses/redis-address.ts";
import { retryDelayMs } from "../../async/retry-delay.ts";

/** All of BullMQ's keys begin with it. */
export const bullmqPrefix = "threadkeeper";
/** How long a worker waits for a job in one command. */
export const idleWaitS = 3;
/** How often the replicas look for entries whose lock has ended. */
export const stalledCheckMs = 1_000;
/** Longer than a healthy server may stay silent, which is `idleWaitS`. */
const silenceMs = 6_000;

/** A connection as BullMQ wants it: commands wait until the server is back. Callers have their own deadlines. */
export function connectForBullmq(url: string): Redis {
  const address = redisAddress(url);
  const options: RedisOptions = {
    maxRetriesPerRequest: null,
    connectTimeout: silenceMs,
    socketTimeout: silenceMs,
    // The primary was demoted, and the address leads to another one now. The command is sent again there.
    reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
    retryStrategy: (tries) => retryDelayMs(tries, { firstMs: 100, longestMs: 2_000 }),
  };
  if (address === undefined) throw new TypeError("Not a Redis address");
  if (address.kind === "server") return new Redis(address.url, options);
  const { primary, sentinels, username, password, database } = address;
  return new Redis({
    ...options,
    name: primary,
    sentinels: [...sentinels],
    db: database,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  });
}
