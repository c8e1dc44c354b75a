import type { Log } from "../../../ports/log.ts";
import { MissingRouteError } from "../failure/missing-route.ts";
import type { Api } from "../presets/preset.ts";

/** A place where the server may answer. */
interface Candidate {
  /** Missing: the same address serves both. */
  readonly api?: Api;
  readonly baseUrl: string;
}

/** The routes to a server. The route that worked last is tried first. */
export class RouteMemory<Route extends Candidate> {
  readonly #routes: readonly Route[];
  readonly #log: Log;
  #known = 0;

  /** @param routes - most likely first; never empty */
  constructor(routes: readonly Route[], log: Log) {
    this.#routes = routes;
    this.#log = log;
  }

  /** The routes for one answer. */
  forAnswer(): RouteAttempts<Route> {
    const known = this.#known;
    const inOrder = [...this.#routes.slice(known), ...this.#routes.slice(0, known)];
    return new RouteAttempts(inOrder, this.#learn);
  }

  readonly #learn = (route: Route): void => {
    const known = this.#routes.indexOf(route);
    if (known === this.#known) return;
    this.#known = known;
    const { pathname: path } = new URL(route.baseUrl);
    this.#log.info(
      { ...(route.api === undefined ? {} : { api: route.api }), path },
      "the model's server answers over another route, which is used from now on",
    );
  };
}

class RouteAttempts<Route extends Candidate> {
  readonly #routes: readonly Route[];
  readonly #learn: (route: Route) => void;
  #at = 0;

  constructor(routes: readonly Route[], learn: (route: Route) => void) {
    this.#routes = routes;
    this.#learn = learn;
  }

  get current(): Route {
    const now = this.#routes[this.#at];
    if (now === undefined) throw new RangeError("There is no such route");
    return now;
  }

  /** Switches to the next route if the server does not have this one. False when there is none. */
  nextAfter(error: unknown): boolean {
    if (!(error instanceof MissingRouteError) || this.#at === this.#routes.length - 1) return false;
    this.#at += 1;
    return true;
  }

  saveWorking(): void {
    this.#learn(this.current);
  }
}
