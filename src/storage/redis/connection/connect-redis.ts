import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../../../ports/log.ts";
import { withDeadline } from "../../../runtime/deadline.ts";
import { redisAddress, userOf, type RedisAddress } from "../../../runtime/addresses/redis-address.ts";
import { refuseMissingRights } from "./check-rights.ts";
import { refuseUnusable, warnOfLosses } from "./check-server.ts";
import { RedisError } from "./redis-error.ts";
import { openLink, type RedisLink } from "./redis-link.ts";
import { finalAdvice, isTransient, noRoomFault, startFault } from "./start-fault.ts";

const silenceMs = 3_000;
const askAgainMs = 500;
const never = new AbortController().signal;
const forms =
  "It looks like redis://:password@host:6379/0, rediss://… for TLS, or redis+sentinel://:password@host:26379,host:26379/primary";

/** A connected Redis, and the way to more connections to it. */
export interface ConnectedRedis {
  readonly link: RedisLink;
  /** Whose rights count. */
  readonly user: string;
  /** What the operator reads when the start ends with this. */
  readonly faultOf: (cause: unknown) => RedisError;
  /** One more, for what occupies a connection: it is not connected yet, and its faults are not reported. Connecting throws RedisError. */
  readonly another: (options: { readonly silenceMs: number; readonly isPinged: boolean }) => RedisLink;
}

/**
 * A client that fails at once while the server is away, notices a frozen one, and comes back by itself.
 * @throws {RedisError} when the server can't be used within `waitMs`, or at once when waiting can't help.
 */
export async function connectRedis(url: string, waitMs: number, log: Log): Promise<ConnectedRedis> {
  const address = redisAddress(url);
  if (address === undefined) throw new RedisError(`REDIS_URL: can't be used. ${forms}`);
  const link = openUsableLink(address);
  const watch = new OutageWatch(log, waitMs);
  const starting = new AbortController();
  link.onFault((error) => {
    // It would be the same at each try.
    if (finalAdvice(error) !== undefined) starting.abort(error);
    watch.fault(error);
  });
  link.onUp(watch.up);
  try {
    await withDeadline(() => start(link, { user: userOf(address), watch, log }), waitMs, starting.signal);
  } catch (cause) {
    const isAnswer = link.isUp() || starting.signal.aborted;
    link.close();
    if (cause instanceof RedisError) throw cause;
    const why = watch.refusal ?? (isAnswer ? cause : (watch.lastError ?? cause));
    throw startFault(address, why, waitMs);
  }
  watch.hasStarted = true;
  return {
    link,
    user: userOf(address),
    faultOf: (cause) => startFault(address, cause, waitMs),
    another: (options) => another(address, options, waitMs),
  };
}

/** A server has room for so many connections only: the first may have been the last. */
function another(
  address: RedisAddress,
  options: { readonly silenceMs: number; readonly isPinged: boolean },
  waitMs: number,
): RedisLink {
  const more = openLink(address, options);
  let lastError: unknown;
  // The outage is reported by the first.
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
  await warnOfLosses(link, log);
}

/** A server that has just been started may answer that it is not ready. */
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
    // Without the cause: it holds the URL, and so the password.
    const why = error instanceof Error ? error.message : "unknown";
    throw new RedisError(`REDIS_URL: can't be used (${why}). ${forms}`);
  }
}

/** One line when it goes, one when it is back, however often the client tries in between. */
class OutageWatch {
  readonly #log: Log;
  readonly #waitMs: number;
  lastError: unknown;
  /** What it answers in place of taking a write, at start. */
  refusal: unknown;
  hasStarted = false;
  #isDown = false;

  constructor(log: Log, waitMs: number) {
    this.#log = log;
    this.#waitMs = waitMs;
  }

  readonly fault = (error: unknown): void => {
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

  readonly up = (): void => {
    if (this.#isDown) this.#log.info({}, "Redis is back");
    this.#isDown = false;
  };
}
