import type { ServerResponse } from "node:http";

import type { ErrorScript, FaultScript } from "./script.ts";

/** Answers with an error, in OpenAI's form unless the script has a body of its own. */
export function sendError(response: ServerResponse, script: ErrorScript): void {
  const { status, code, type, message, headers, body } = script;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body ?? JSON.stringify({ error: { message, type, param: null, code } }));
}

/** Answers as a server at fault does: not at all, by losing the connection, or with an error. */
export function sendFault(response: ServerResponse, script: FaultScript): void {
  if (script.kind === "drop") response.socket?.destroy();
  else if (script.kind === "error") sendError(response, script);
}
