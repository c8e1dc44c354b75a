import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished } from "vitest";

/** Answers every request alike. */
export type Respond = (response: ServerResponse) => unknown;

/** A request as it arrived. */
interface Received {
  /** Its method and its path. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A local server that answers as a test says, until the test ends. */
interface AnsweringServer {
  /** Without a path. */
  readonly origin: string;
  /** So far. */
  readonly received: readonly Received[];
}

export async function startAnsweringServer(
  respond: (response: ServerResponse, request: Received) => unknown,
): Promise<AnsweringServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (more: string) => (body += more));
    request.on("end", () => {
      const whole = { line: `${request.method} ${request.url}`, headers: request.headers, body };
      received.push(whole);
      respond(response, whole);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, received };
}
