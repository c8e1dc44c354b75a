import type { IncomingMessage, ServerResponse } from "node:http";

import type { Health } from "../ports/part.ts";
import type { HttpServer } from "./http-server.ts";

/** Something whose health counts for /readyz. */
export interface Watched {
  readonly name: string;
  readonly health: () => Health;
}

/**
 * `/healthz`: 200 while the event loop turns. `/readyz`: 200 when every part works, else 503.
 * Reasons are for the operator: only callers on this machine, or with the token, get them.
 */
export function addHealthRoutes(
  http: HttpServer,
  parts: readonly Watched[],
  mayReadReasons: (request: IncomingMessage) => boolean,
): void {
  http.route("/healthz", (_request, response) => answer(response, 200, { ok: true }));
  http.route("/readyz", (request, response) => {
    const isOpen = mayReadReasons(request);
    const states = parts.map(({ name, health }) => [name, health()] as const);
    const ready = states.every(([, { ok }]) => ok);
    const shown = states.map(([name, { ok, why }]) => [name, { ok, why: isOpen ? why : "" }]);
    answer(response, ready ? 200 : 503, { ready, parts: Object.fromEntries(shown) });
  });
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
