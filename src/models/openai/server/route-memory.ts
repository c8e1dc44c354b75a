import type { Log } from "../../../ports/log.ts";
import { MissingRouteError } from "../failure/missing-route.ts";
import type { Api } from "../presets/preset.ts";

interface Known {
  readonly api: Api;
  readonly baseUrl: string;
}

/** Where and how a server is asked: the way that it answered last comes first. */
export class RouteMemory<Way extends Known> {
  readonly #ways: readonly Way[];
  readonly #log: Log;
  #known = 0;

  /** @param ways - the likeliest first; never empty */
  constructor(ways: readonly Way[], log: Log) {
    this.#ways = ways;
    this.#log = log;
  }

  /** The ways of one answer. */
  forAnswer(): RouteAttempts<Way> {
    const known = this.#known;
    const inTurn = [...this.#ways.slice(known), ...this.#ways.slice(0, known)];
    return new RouteAttempts(inTurn, this.#learn);
  }

  readonly #learn = (way: Way): void => {
    const known = this.#ways.indexOf(way);
    if (known === this.#known) return;
    this.#known = known;
    const { pathname: path } = new URL(way.baseUrl);
    this.#log.info({ api: way.api, path }, "the model's server is asked in another way from now on");
  };
}

class RouteAttempts<Way extends Known> {
  readonly #ways: readonly Way[];
  readonly #learn: (way: Way) => void;
  #at = 0;

  constructor(ways: readonly Way[], learn: (way: Way) => void) {
    this.#ways = ways;
    this.#learn = learn;
  }

  get current(): Way {
    const now = this.#ways[this.#at];
    if (now === undefined) throw new RangeError("There is no such way");
    return now;
  }

  /** Goes on to the next way where the server knows nothing of this one. False when there is no other. */
  nextAfter(error: unknown): boolean {
    if (!(error instanceof MissingRouteError) || this.#at === this.#ways.length - 1) return false;
    this.#at += 1;
    return true;
  }

  saveWorking(): void {
    this.#learn(this.current);
  }
}
