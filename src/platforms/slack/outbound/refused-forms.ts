import type { Clock } from "../../../ports/clock.ts";
import { refusesTables, unknownBlocksIn } from "../api/slack-errors.ts";

/** By then Slack may have given them to the workspace. */
const pauseMs = 60 * 60_000;

/** What Slack may refuse for a whole workspace. */
type Refusable = "markdown" | "context_actions" | "tables";

/** What a workspace refused within the last hour, whatever the text. */
export class RefusedForms {
  readonly #clock: Clock;
  readonly #atMs = new Map<Refusable, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many tables a message may have. */
  get tables(): number {
    return this.has("tables") ? 1 : Infinity;
  }

  has(form: Refusable): boolean {
    return this.#clock.nowMs() - (this.#atMs.get(form) ?? -Infinity) < pauseMs;
  }

  add(form: Refusable): void {
    this.#atMs.set(form, this.#clock.nowMs());
  }

  /** Learns from a refusal that names a type of block, or the second table. */
  learn(error: unknown): void {
    const unknown = unknownBlocksIn(error);
    for (const form of ["markdown", "context_actions"] as const) if (unknown.includes(form)) this.add(form);
    if (refusesTables(error)) this.add("tables");
  }
}
