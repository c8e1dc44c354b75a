import type { Log } from "../../ports/log.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { redisAddress, shownAddress, userOf, type RedisAddress } from "../../runtime/redis-address.ts";
import { refuseMissingRights } from "./check-rights.ts";
import { refuseUnusable, warnOfLosses } from "./look-at-server.ts";
import { RedisError } from "./redis-error.ts";
import { openLink, type RedisLink } from "./redis-link.ts";

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
  link.onFault(watch.fault);
  link.onUp(watch.up);
  try {
    await withDeadline(() => start(link, userOf(address), log), waitMs, new AbortController().signal);
  } catch (cause) {
    const isUp = link.isUp();
    link.close();
    if (cause instanceof RedisError) throw cause;
    throw unreachable(address, waitMs, isUp ? cause : (watch.lastError ?? cause));
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
    throw new RedisError(`REDIS_URL: can't be used (${reasonOf(error)}). ${forms}`);
  }
}

function unreachable(address: RedisAddress, waitMs: number, cause: unknown): RedisError {
  return new RedisError(
    `REDIS_URL: can't reach Redis at ${shownAddress(address)} within ${waitMs / 1_000} s (${reasonOf(cause)}). ` +
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
