import type { IncomingMessage, ServerResponse } from "node:http";

import { HTTPReceiver, type App, type Logger } from "@slack/bolt";

import type { Clock } from "../../ports/clock.ts";
import type { RequestHandler } from "../../runtime/http-server.ts";

export interface HttpEventsPorts {
  readonly app: App;
  readonly signingSecret: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** False once we are closing: Slack delivers again, to whoever is there then. */
  readonly isOpen: () => boolean;
}

export const eventsPath = "/slack/events";
const largestBodyBytes = 4 * 1_024 * 1_024;
const freshForMs = 5 * 60_000;

/** Slack's events, commands and presses over HTTP; Bolt's receiver checks the signatures, and listens nowhere itself. */
export function httpEvents(ports: HttpEventsPorts): RequestHandler {
  const receiver = new HTTPReceiver({
    signingSecret: ports.signingSecret,
    endpoints: eventsPath,
    logger: ports.logger,
    processEventErrorHandler: async ({ response }) => {
      if (!response.headersSent) response.writeHead(500).end();
      // True ends the receiver's own wait for an acknowledgement; it writes nothing more.
      return true;
    },
  });
  receiver.init(ports.app);
  return async (request, response) => {
    if (!ports.isOpen()) return refuse(response, 503);
    if (request.method !== "POST") return refuse(response, 405);
    if (!isFresh(request, ports.clock.nowMs())) return refuse(response, 401);
    const rawBody = await read(request);
    if (rawBody === undefined) return refuse(response, 413);
    // The receiver trusts that it finds an object in a body, and an exception in it would end the process.
    if (!holdsObject(rawBody)) return refuse(response, 400);
    receiver.requestListener(Object.assign(request, { rawBody }), response);
  };
}

/** Bolt refuses old requests only; one from the future could be replayed until its time has come. */
function isFresh(request: IncomingMessage, nowMs: number): boolean {
  const header = request.headers["x-slack-request-timestamp"];
  // Without it the receiver refuses, but for Slack's own unsigned check of the certificate.
  return header === undefined || Math.abs(nowMs - Number(header) * 1_000) <= freshForMs;
}

async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Destroyed, it could not carry our refusal any more.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > largestBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function holdsObject(rawBody: Buffer): boolean {
  const start = rawBody.subarray(0, 100).toString().trimStart();
  return /^(?:\{|payload=(?:\{|%7B)|(?!payload=)[a-z_]+=)/iu.test(start);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close", ...(status === 405 ? { allow: "POST" } : {}) }).end();
}
