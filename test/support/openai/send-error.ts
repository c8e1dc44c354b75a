import type { ServerResponse } from "node:http";

import type { ErrorScript } from "./script.ts";

/** Answers with an error, in OpenAI's form unless the script has a body of its own. */
export function sendError(response: ServerResponse, script: ErrorScript): void {
  const { status, code, type, message, headers, body } = script;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body ?? JSON.stringify({ error: { message, type, param: null, code } }));
}
