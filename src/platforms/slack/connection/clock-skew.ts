import type { Clock } from "../../../ports/clock.ts";

/** Slack retries within minutes, so an older refusal says nothing about the clock now. */
const validForMs = 15 * 60_000;

/** Seconds that Slack's clock is ahead of ours, while we refuse its requests because of that. */
export class ClockSkew {
  readonly #clock: Clock;
  #skewS = 0;
  #atMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records the skew of a request that Slack signed; 0 means that the clock is right again. */
  readonly record = (skewS: number): void => {
    this.#skewS = skewS;
    this.#atMs = this.#clock.nowMs();
  };

  /** A hint for the operator. Empty while requests pass. */
  get why(): string {
    if (this.#skewS === 0 || this.#clock.nowMs() - this.#atMs > validForMs) return "";
    const side = this.#skewS > 0 ? "behind" : "ahead of";
    return `this machine's clock is ${Math.abs(this.#skewS)} s ${side} Slack's, so Slack's requests are refused: synchronize it (NTP)`;
  }
}
