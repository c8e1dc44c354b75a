import type { IncomingMessage } from "node:http";

/** Calls back with the whole body, without a promise for each chunk. */
export function readBody(request: IncomingMessage, then: (body: string) => void): void {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => then(body));
}
