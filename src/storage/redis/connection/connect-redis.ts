import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../../../ports/log.ts";
import { withDeadline } from "../../../async/deadline.ts";
import { redisAddress, userOf, type RedisAddress } from "../../../runtime/addresses/redis-address.ts";
import { refuseMissingRights } from "./check-rights.ts";
import { refuseUnusable, warnOfDataLoss } from "./check-server.ts";
import { RedisError } from "./redis-error.ts";
import { openLink, type RedisLink } from "./redis-link.ts";
import { finalAdvice, isTransient, noRoomFault, startFault } from "./start-fault.ts";

const silenceMs = 3_000;
const askAgainMs = 500;
const never = new AbortController().signal;
const forms =
  "It looks like redis://:password@host:6379/0, rediss://… for TLS, or redis+sentinel://:password@host:26379,host:26379/primary";

/** A connected Redis, and a way to open more connections to it. */
export interface ConnectedRedis {
  readonly link: RedisLink;
  /** The user whose rights count. */
  readonly user: string;
  /** The error that ends the start, in words for the operator. */
  readonly startFaultFor: (cause: unknown) => RedisError;
  /**
   * One more connection, for blocking commands. It is not connected yet, and its faults are not reported. Connecting
   * throws RedisError.
   */
  readonly openAnotherLink: (options: {
    readonly silenceMs: number;
    readonly isPinged: boolean;
  }) => RedisLink;
}

/**
 * Opens a client that fails fast while the server is unreachable, detects a frozen server, and reconnects by itself.
 * @throws {RedisError} if the server can't be used within `waitMs`, or at once if waiting can't help.
 */
export async function connectRedis(url: string, waitMs: number, log: Log): Promise<ConnectedRedis> {
  const address = redisAddress(url);
  if (address === undefined) throw new RedisError(`REDIS_URL: not a usable address. ${forms}`);
  const link = openUsableLink(address);
  const watch = new OutageWatch(log, waitMs);
  const starting = new AbortController();
  link.onFault((error) => {
    // Every further try would fail the same way.
    if (finalAdvice(error) !== undefined) starting.abort(error);
    watch.onFault(error);
  });
  link.onUp(watch.onUp);
  try {
    await withDeadline(() => start(link, { user: userOf(address), watch, log }), waitMs, starting.signal);
  } catch (cause) {
    const hasAnswered = link.isUp() || starting.signal.aborted;
    link.close();
    if (cause instanceof RedisError) throw cause;
    const why = watch.refusal ?? (hasAnswered ? cause : (watch.lastError ?? cause));
    throw startFault(address, why, waitMs);
  }
  watch.hasStarted = true;
  return {
    link,
    user: userOf(address),
    startFaultFor: (cause) => startFault(address, cause, waitMs),
    openAnotherLink: (options) => openAnotherLink(address, options, waitMs),
  };
}

/** The server's connection limit may already be reached by the first. */
function openAnotherLink(
  address: RedisAddress,
  options: { readonly silenceMs: number; readonly isPinged: boolean },
  waitMs: number,
): RedisLink {
  const more = openLink(address, options);
  let lastError: unknown;
  // The first connection reports the outage.
  more.onFault((error) => void (lastError = error));
  const connect = async (): Promise<void> => {
    try {
      await withDeadline(more.connect, waitMs, never);
    } catch (cause) {
      more.close();
      throw noRoomFault(address, lastError ?? cause);
    }
  };
  return { ...more, connect };
}

async function start(
  link: RedisLink,
  { user, watch, log }: { readonly user: string; readonly watch: OutageWatch; readonly log: Log },
): Promise<void> {
  await link.connect();
  await waitUntilWritable(link, watch);
  await refuseMissingRights(link, user);
  await warnOfDataLoss(link, log);
}

/** A server that has just started may not be ready. */
async function waitUntilWritable(link: RedisLink, watch: OutageWatch): Promise<void> {
  for (;;) {
    try {
      await refuseUnusable(link);
      watch.refusal = undefined;
      return;
    } catch (error) {
      if (!isTransient(error)) throw error;
      watch.refused(error);
      await sleep(askAgainMs);
    }
  }
}

function openUsableLink(address: RedisAddress): RedisLink {
  try {
    return openLink(address, { silenceMs, isPinged: true });
  } catch (error) {
    // The cause is left out, since it holds the URL with the password.
    const why = error instanceof Error ? error.message : "unknown";
    throw new RedisError(`REDIS_URL: not a usable address (${why}). ${forms}`);
  }
}

/** Logs an outage when it begins and when it ends, not each reconnect. */
class OutageWatch {
  readonly #log: Log;
  readonly #waitMs: number;
  lastError: unknown;
  /** The server's answer when it refused a write at start. */
  refusal: unknown;
  hasStarted = false;
  #isDown = false;

  constructor(log: Log, waitMs: number) {
    this.#log = log;
    this.#waitMs = waitMs;
  }

  readonly onFault = (error: unknown): void => {
    if (this.hasStarted && !this.#isDown) {
      this.#log.error({ err: error }, "Redis is lost; answers wait until it is back");
      this.#isDown = true;
    } else if (!this.hasStarted && this.lastError === undefined) {
      this.#log.info({ waitMs: this.#waitMs }, "Redis can't be reached yet; waiting for it");
    }
    this.lastError = error;
  };

  refused(error: unknown): void {
    const why = error instanceof Error ? error.message : "unknown";
    if (this.refusal === undefined)
      this.#log.info({ why, waitMs: this.#waitMs }, "Redis is not ready yet; waiting for it");
    this.refusal = error;
  }

  readonly onUp = (): void => {
    if (this.#isDown) this.#log.info({}, "Redis is back");
    this.#isDown = false;
  };
}
