import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that answers whatever it is asked as a test says, in raw bytes. */
export interface RawServer extends AsyncDisposable {
  /** Ends in /v1. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Requests so far. */
  readonly requests: () => number;
  /** Requests whose connection is open, and whose answer has not ended. */
  readonly underWay: () => number;
}

export type RawRespond = (
  response: ServerResponse,
  request: { readonly number: number; readonly path: string },
) => Promise<void> | void;

export async function startRawServer(respond: RawRespond): Promise<RawServer> {
  let requests = 0;
  let underWay = 0;
  const server = createServer((request: IncomingMessage, response) => {
    requests += 1;
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
    });
    request.resume();
    void respond(response, { number: requests, path: request.url ?? "" });
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: "test-openai-key",
    requests: () => requests,
    underWay: () => underWay,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
