import type { Log } from "../../ports/log.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { redisAddress, userOf, type RedisAddress } from "../../runtime/redis-address.ts";
import { refuseMissingRights } from "./check-rights.ts";
import { refuseUnusable, warnOfLosses } from "./look-at-server.ts";
import { RedisError } from "./redis-error.ts";
import { openLink, type RedisLink } from "./redis-link.ts";
import { finalAdvice, startFault } from "./start-fault.ts";

const silenceMs = 3_000;
const forms =
  "It looks like redis://:password@host:6379/0, rediss://… for TLS, or redis+sentinel://:password@host:26379,host:26379/primary";

/** A connected Redis, and the way to more connections to it. */
export interface ConnectedRedis {
  readonly link: RedisLink;
  /** Whose rights count. */
  readonly user: string;
  /** One more, for what occupies a connection: it is not connected yet, and its faults are not reported. */
  readonly another: (options: { readonly silenceMs: number; readonly isPinged: boolean }) => RedisLink;
}

/**
 * A client that fails at once while the server is away, notices a frozen one, and comes back by itself.
 * @throws {RedisError} when the server can't be used within `waitMs`, or at once when waiting can't help.
 */
export async function connectRedis(url: string, waitMs: number, log: Log): Promise<ConnectedRedis> {
  const address = redisAddress(url);
  if (address === undefined) throw new RedisError(`REDIS_URL: can't be used. ${forms}`);
  const link = usable(address);
  const watch = new OutageWatch(log, waitMs);
  const starting = new AbortController();
  link.onFault((error) => {
    // It would be the same at each try.
    if (finalAdvice(error) !== undefined) starting.abort(error);
    watch.fault(error);
  });
  link.onUp(watch.up);
  try {
    await withDeadline(() => start(link, userOf(address), log), waitMs, starting.signal);
  } catch (cause) {
    const isAnswer = link.isUp() || starting.signal.aborted;
    link.close();
    if (cause instanceof RedisError) throw cause;
    throw startFault(address, isAnswer ? cause : (watch.lastError ?? cause), waitMs);
  }
  watch.hasStarted = true;
  return {
    link,
    user: userOf(address),
    another: (options) => {
      const more = openLink(address, options);
      // The outage is reported by the first.
      more.onFault(() => undefined);
      return more;
    },
  };
}

async function start(link: RedisLink, user: string, log: Log): Promise<void> {
  await link.connect();
  await refuseUnusable(link);
  await refuseMissingRights(link, user);
  await warnOfLosses(link, log);
}

function usable(address: RedisAddress): RedisLink {
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

  readonly up = (): void => {
    if (this.#isDown) this.#log.info({}, "Redis is back");
    this.#isDown = false;
  };
}
