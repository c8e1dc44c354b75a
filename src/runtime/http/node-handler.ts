import type { IncomingMessage, ServerResponse } from "node:http";

import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";

import type { HttpEnv } from "./http-server.ts";

/** Answers a request by itself, through Node's response. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A route's handler that works on Node's own request and response: to read a body with limits, or as a library does. */
export function nodeHandler(handle: RequestHandler): (context: Context<HttpEnv>) => Promise<Response> {
  return async ({ env: { incoming, outgoing } }) => {
    await handle(incoming, outgoing);
    return RESPONSE_ALREADY_SENT;
  };
}
