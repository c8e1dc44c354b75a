import { Events, GatewayCloseCodes, RESTEvents, type Client, type REST } from "discord.js";

import type { Log } from "../../ports/log.ts";
import type { Health } from "../../ports/part.ts";
import { refusedIntents, refusedToken } from "./faults.ts";

/** Knows whether the gateway works, and says once when it never will again. */
export class HealthWatch {
  readonly #log: Log;
  readonly #onFatal: (why: string) => void;
  #health: Health = { ok: false, why: "connecting to Discord" };
  #hasWorked = false;
  #isFatal = false;

  constructor(log: Log, onFatal: (why: string) => void) {
    this.#log = log;
    this.#onFatal = onFatal;
  }

  get health(): Health {
    return this.#health;
  }

  /** Without a listener, `error` would end the process. */
  watch(client: Client): void {
    client.on(Events.Error, (error) => this.#warn(error));
    client.on(Events.ShardError, (error) => this.#warn(error));
    client.on(Events.ShardReady, () => this.#set({ ok: true, why: "" }));
    client.on(Events.ShardResume, () => this.#set({ ok: true, why: "" }));
    client.on(Events.ShardReconnecting, () => this.#set({ ok: false, why: "reconnecting to Discord" }));
    client.on(Events.ShardDisconnect, ({ code }) => this.fail(finalClose(code)));
    client.on(Events.Invalidated, () => this.fail("Discord ended the session for good."));
  }

  /** Discord bans an address that makes too many bad calls. */
  watchCalls(rest: REST): void {
    rest.on(RESTEvents.InvalidRequestWarning, ({ count, remainingTime: leftMs }) =>
      this.#log.warn({ count, leftMs }, "many calls of Discord were invalid"),
    );
    rest.on(RESTEvents.RateLimited, ({ route, scope, retryAfter: waitMs }) =>
      this.#log.debug({ route, scope, waitMs }, "Discord limits our calls"),
    );
  }

  fail(why: string): void {
    if (this.#isFatal) return;
    this.#isFatal = true;
    this.#health = { ok: false, why };
    // While it is being opened, whoever opens it is told by an exception.
    if (!this.#hasWorked) return;
    this.#log.error({ why }, "Discord is lost until the program starts again");
    this.#onFatal(why);
  }

  #set(health: Health): void {
    this.#hasWorked ||= health.ok;
    if (!this.#isFatal) this.#health = health;
  }

  #warn(error: Error): void {
    this.#log.warn({ fault: error.name, why: error.message }, "the connection to Discord had a fault");
  }
}

/** Why the gateway closed with a code after which discord.js does not come back. */
export function finalClose(code: number): string {
  const refusals: Readonly<Record<number, string>> = {
    [GatewayCloseCodes.AuthenticationFailed]: refusedToken,
    [GatewayCloseCodes.DisallowedIntents]: refusedIntents,
  };
  return refusals[code] ?? `DISCORD_TOKEN: Discord closed the connection for good (code ${code}).`;
}
