import { createClient } from "@keyv/redis";

import type { Log } from "../../ports/log.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { RedisError } from "./redis-error.ts";
import { refuseUnusable, warnOfLosses } from "./look-at-server.ts";

const startMs = 5_000;

export type RedisClient = ReturnType<typeof openClient>;

/**
 * A client that fails at once while the server is away, notices a frozen one, and comes back by itself.
 * @throws {RedisError} when the server can't be used within five seconds.
 */
export async function connectRedis(url: string, log: Log): Promise<RedisClient> {
  const client = openClient(url);
  let lastError: unknown;
  const keep = (error: unknown): void => void (lastError = error);
  client.on("error", keep);
  client.once("ready", () => keep(undefined));
  try {
    await withDeadline(() => start(client, log), startMs, new AbortController().signal);
  } catch (cause) {
    if (client.isOpen) client.destroy();
    if (cause instanceof RedisError) throw cause;
    throw unreachable(url, lastError ?? cause);
  }
  watchOutages(client, log);
  client.off("error", keep);
  return client;
}

async function start(client: RedisClient, log: Log): Promise<void> {
  await client.connect();
  await refuseUnusable(client);
  await warnOfLosses(client, log);
}

function openClient(url: string) {
  try {
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
  } catch (error) {
    // Without the cause: it holds the URL, and so the password.
    throw new RedisError(
      `REDIS_URL: can't be used (${reasonOf(error)}). It looks like redis://:password@host:6379/0`,
    );
  }
}

function unreachable(url: string, cause: unknown): RedisError {
  return new RedisError(
    `REDIS_URL: can't reach Redis at ${new URL(url).host} within ${startMs / 1_000} s (${reasonOf(cause)}). ` +
      "Is it running, and are the address and the password right?",
    { cause },
  );
}

function reasonOf(error: unknown): string {
  // A name with several addresses gives one error for each, and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}

/** One line when it goes, one when it is back, however often the client tries in between. */
function watchOutages(client: RedisClient, log: Log): void {
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
