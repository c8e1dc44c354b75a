import { Events, GatewayCloseCodes, RESTEvents, type Client, type REST } from "discord.js";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import type { SessionGaps } from "../history/session-gaps.ts";
import { versionUnsupported, tooFewShards, intentsMissing, tokenRejected } from "./operator-messages.ts";

/** A shard usually resumes within seconds without losing events; that is no reason to report the bot unhealthy. */
const maxShardOutageMs = 15_000;

export interface HealthWatchPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly gaps: SessionGaps;
  readonly onFatal: (why: string) => void;
}

/** Tracks the gateway's health, and reports once when discord.js gives up for good. */
export class HealthWatch {
  readonly #ports: HealthWatchPorts;
  /** Shards that have connected at least once. */
  readonly #startedShards = new Set<number>();
  /** Shards that are disconnected now. */
  readonly #disconnectedSinceMs = new Map<number, number>();
  #fatal: string | undefined;

  constructor(ports: HealthWatchPorts) {
    this.#ports = ports;
  }

  get health(): Health {
    if (this.#fatal !== undefined) return { ok: false, why: this.#fatal };
    if (this.#startedShards.size === 0) return { ok: false, why: "connecting to Discord" };
    const [down, all] = [this.#disconnectedSinceMs.size, this.#startedShards.size];
    if (down === all) return { ok: false, why: "reconnecting to Discord" };
    const downForMs = this.#ports.clock.nowMs() - Math.min(...this.#disconnectedSinceMs.values());
    if (downForMs <= maxShardOutageMs) return { ok: true, why: "" };
    return { ok: false, why: `reconnecting to Discord: ${down} of ${all} shards are disconnected` };
  }

  /** Without a listener, `error` would end the process. */
  watch(client: Client): void {
    const { clock, gaps } = this.#ports;
    client.on(Events.Error, (error) => this.#warn(error));
    client.on(Events.ShardError, (error) => this.#warn(error));
    client.on(Events.ShardReady, (shard) => {
      this.#markConnected(shard);
      gaps.renewed(shard);
    });
    client.on(Events.ShardResume, (shard) => {
      this.#markConnected(shard);
      gaps.resumed(shard);
    });
    client.on(Events.ShardReconnecting, (shard) => {
      // Several attempts may fail before one succeeds.
      if (!this.#disconnectedSinceMs.has(shard)) this.#disconnectedSinceMs.set(shard, clock.nowMs());
      gaps.lost(shard, client.ws.shards.get(shard)?.lastPingTimestamp ?? 0);
    });
    client.on(Events.ShardDisconnect, ({ code }) => this.fail(fatalCloseReason(code)));
    client.on(Events.Invalidated, () => this.fail("Discord ended the session for good."));
  }

  /**
   * Discord blocks an address after 10,000 invalid requests in 10 minutes:
   * https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
   */
  watchCalls(rest: REST): void {
    rest.on(RESTEvents.InvalidRequestWarning, ({ count, remainingTime: leftMs }) =>
      this.#ports.log.warn(
        { count, leftMs },
        "Discord rejected many calls; it blocks this address at 10,000 in 10 minutes",
      ),
    );
    rest.on(RESTEvents.RateLimited, ({ route, scope, retryAfter: waitMs }) =>
      this.#ports.log.debug({ route, scope, waitMs }, "waiting for a Discord rate limit"),
    );
  }

  fail(why: string): void {
    if (this.#fatal !== undefined) return;
    this.#fatal = why;
    // Until the first connection, `logIn` throws instead.
    if (this.#startedShards.size === 0) return;
    this.#ports.onFatal(why);
  }

  #markConnected(shard: number): void {
    this.#startedShards.add(shard);
    this.#disconnectedSinceMs.delete(shard);
  }

  #warn(error: Error): void {
    this.#ports.log.warn(
      { fault: error.name, why: error.message },
      "the connection to Discord failed; discord.js reconnects",
    );
  }
}

/** The operator's message for a close code after which discord.js does not reconnect. */
export function fatalCloseReason(code: number): string {
  const refusals: Readonly<Record<number, string>> = {
    [GatewayCloseCodes.AuthenticationFailed]: tokenRejected,
    [GatewayCloseCodes.DisallowedIntents]: intentsMissing,
    [GatewayCloseCodes.ShardingRequired]: tooFewShards,
    [GatewayCloseCodes.InvalidShard]: tooFewShards,
    [GatewayCloseCodes.InvalidAPIVersion]: versionUnsupported,
    [GatewayCloseCodes.InvalidIntents]: versionUnsupported,
  };
  return refusals[code] ?? `DISCORD_TOKEN: Discord closed the connection for good (code ${code}).`;
}
