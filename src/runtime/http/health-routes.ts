import type { IncomingMessage } from "node:http";

import type { Context } from "hono";

import type { Health } from "../../ports/component.ts";
import type { HttpEnv, HttpServer } from "./http-server.ts";
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
export function addHealthRoutes(
  { routes }: HttpServer,
  { watched, loop, mayReadReasons }: HealthParts,
): void {
  routes.all("/healthz", (context) => answer(context, 200, { ok: true }));
  routes.all("/readyz", (context) => {
    const isOpen = mayReadReasons(context.env.incoming);
    const states = watched.map(({ name, health, isShownOnly }) => ({ name, isShownOnly, ...health() }));
    const ready = states.every(
      ({ ok, isShownOnly, needsOperator }) => ok || (isShownOnly === true && needsOperator !== true),
    );
    const shown = states.map(({ name, ok, why }) => [name, { ok, why: isOpen ? why : "" }]);
    const eventLoop = isOpen ? { eventLoop: loop.lateness } : {};
    return answer(context, ready ? 200 : 503, { ready, parts: Object.fromEntries(shown), ...eventLoop });
  });
}

function answer(context: Context<HttpEnv>, status: 200 | 503, body: unknown): Response {
  return context.body(`${JSON.stringify(body)}\n`, status, {
    "content-type": "application/json",
    "cache-control": "no-store",
  });
}
