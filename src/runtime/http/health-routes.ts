import type { IncomingMessage, ServerResponse } from "node:http";

import type { Health } from "../../ports/component.ts";
import type { HttpServer } from "./http-server.ts";
import type { LoopDelay } from "../loop-delay.ts";

/** A component in /readyz. */
export interface Watched {
  readonly name: string;
  readonly health: () => Health;
  /** Shown, but the program is ready without it, unless an operator has to act. */
  readonly isShownOnly?: boolean;
}

export interface HealthParts {
  readonly watched: readonly Watched[];
  readonly loop: Pick<LoopDelay, "lateness">;
  readonly mayReadReasons: (request: IncomingMessage) => boolean;
}

/**
 * `/healthz`: 200 while the event loop runs. `/readyz`: 200 when every component works, else 503. Reasons and the delay of the
 * event loop are shown only to callers on this machine or with the token. A wrong token is treated like none.
 */
export function addHealthRoutes(http: HttpServer, { watched, loop, mayReadReasons }: HealthParts): void {
  http.route("/healthz", (_request, response) => answer(response, 200, { ok: true }));
  http.route("/readyz", (request, response) => {
    const isOpen = mayReadReasons(request);
    const states = watched.map(({ name, health, isShownOnly }) => ({ name, isShownOnly, ...health() }));
    const ready = states.every(
      ({ ok, isShownOnly, needsOperator }) => ok || (isShownOnly === true && needsOperator !== true),
    );
    const shown = states.map(({ name, ok, why }) => [name, { ok, why: isOpen ? why : "" }]);
    const eventLoop = isOpen ? { eventLoop: loop.lateness } : {};
    answer(response, ready ? 200 : 503, { ready, parts: Object.fromEntries(shown), ...eventLoop });
  });
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
