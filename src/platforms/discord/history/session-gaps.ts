import type { Downtime } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";

/** Reports the time in which a shard was disconnected, unless Discord redelivers its events. */
export class SessionGaps {
  readonly #clock: Clock;
  readonly #onGap: (downtime: Downtime) => void;
  readonly #sessionFromMs = new Map<number, number>();
  readonly #disconnectedFromMs = new Map<number, number>();

  constructor(clock: Clock, onGap: (downtime: Downtime) => void) {
    this.#clock = clock;
    this.#onGap = onGap;
  }

  /**
   * A shard lost its connection. `lastAckAtMs`: its last acknowledged heartbeat; 0 or less: none yet. A dead
   * connection or a frozen process is noticed late, so only an acknowledged heartbeat proves that events arrived.
   */
  lost(shard: number, lastAckAtMs: number): void {
    const sessionFromMs = this.#sessionFromMs.get(shard);
    // A shard that was never connected has missed nothing.
    if (sessionFromMs === undefined || this.#disconnectedFromMs.has(shard)) return;
    this.#disconnectedFromMs.set(shard, Math.max(sessionFromMs, lastAckAtMs));
  }

  /** The shard has a new session, so Discord does not redeliver the events before it. */
  renewed(shard: number): void {
    const toMs = this.#clock.nowMs();
    const fromMs = this.#disconnectedFromMs.get(shard);
    this.#sessionFromMs.set(shard, toMs);
    this.#disconnectedFromMs.delete(shard);
    if (fromMs !== undefined) this.#onGap({ fromMs, toMs });
  }

  /**
   * The session was resumed: Discord has redelivered the missed events.
   * https://discord.com/developers/docs/events/gateway#resuming
   */
  resumed(shard: number): void {
    this.#disconnectedFromMs.delete(shard);
  }
}
