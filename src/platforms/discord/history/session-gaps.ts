import type { Downtime } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";

/** Knows when a shard heard nothing, and tells of it when it hears again, unless Discord delivered what was missed. */
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
   * The connection of a shard is lost. `lastAckAtMs`: its last heartbeat that was answered; not positive before the first.
   * A dead connection, or a frozen process, is noticed long after it went deaf: only a heartbeat proves that it heard.
   */
  lost(shard: number, lastAckAtMs: number): void {
    const sessionFromMs = this.#sessionFromMs.get(shard);
    // Before its first session, a shard has nothing to lose.
    if (sessionFromMs === undefined || this.#disconnectedFromMs.has(shard)) return;
    this.#disconnectedFromMs.set(shard, Math.max(sessionFromMs, lastAckAtMs));
  }

  /** The shard has a new session: what happened before it is not delivered any more. */
  renewed(shard: number): void {
    const toMs = this.#clock.nowMs();
    const fromMs = this.#disconnectedFromMs.get(shard);
    this.#sessionFromMs.set(shard, toMs);
    this.#disconnectedFromMs.delete(shard);
    if (fromMs !== undefined) this.#onGap({ fromMs, toMs });
  }

  /** The session was resumed: Discord has delivered what happened meanwhile. */
  resumed(shard: number): void {
    this.#disconnectedFromMs.delete(shard);
  }
}
