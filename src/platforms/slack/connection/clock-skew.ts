import type { Clock } from "../../../ports/clock.ts";

/** Slack tries again within minutes; what was refused longer ago says nothing of now. */
const knownForMs = 15 * 60_000;

/** How far Slack's clock is ahead of ours, where that has it refused. */
export class ClockSkew {
  readonly #clock: Clock;
  #skewS = 0;
  #atMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly note = (skewS: number): void => {
    this.#skewS = skewS;
    this.#atMs = this.#clock.nowMs();
  };

  /** For the operator. Empty where there is nothing to say. */
  get why(): string {
    if (this.#skewS === 0 || this.#clock.nowMs() - this.#atMs > knownForMs) return "";
    const side = this.#skewS > 0 ? "behind" : "ahead of";
    return `this machine's clock is ${Math.abs(this.#skewS)} s ${side} Slack's, and Slack's requests are refused: set it (NTP)`;
  }
}
