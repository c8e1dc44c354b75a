import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import type { SlackCall } from "./slack-web-api.ts";
import type { SlackStandInOptions } from "./slack-settings.ts";
import { startSlackStandIn, type SlackStandIn } from "./slack-stand-in.ts";

/** Two workspaces of one app: Acme (T1) and Globex (T2), with equal ids of channels, people and the bot. */
export interface TwoWorkspaces extends AsyncDisposable {
  readonly acme: SlackStandIn;
  readonly globex: SlackStandIn;
  /** One Web API for both: the token of a call decides whose it is. */
  readonly apiUrl: string;
  /** Delivers events of both over the same connection, as Slack does. `url`: over HTTP; missing: in Socket Mode. */
  readonly deliverTo: (url?: string) => void;
  /** The calls that failed: with a token of nobody, or with one workspace's token for something of the other. */
  readonly refused: () => readonly SlackCall[];
}

/** `options`: of Globex. */
export async function startTwoWorkspaces(options: SlackStandInOptions = {}): Promise<TwoWorkspaces> {
  await using opening = new AsyncDisposableStack();
  const acme = opening.use(await startSlackStandIn({ team: "T1", botToken: "xoxb-acme" }));
  const globex = opening.use(await startSlackStandIn({ ...options, team: "T2", botToken: "xoxb-globex" }));
  const strays: SlackCall[] = [];
  const server = createServer((request, response) => {
    const workspace = workspaceOf(request, acme, globex);
    if (workspace !== undefined) return workspace.handle(request, response);
    strays.push({ method: request.url ?? "", args: {}, error: "invalid_auth" });
    return refuse(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opening.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  for (const workspace of [acme, globex]) workspace.reachedAt(`${origin}/${workspace.settings.team}`);
  const opened = opening.move();
  return {
    acme,
    globex,
    apiUrl: `${origin}/api/`,
    deliverTo: (url) => {
      for (const each of [acme, globex]) {
        if (url === undefined) each.deliveries.use(acme.sockets.deliver);
        else each.deliverTo(url);
      }
    },
    refused: () => [
      ...strays,
      ...[acme, globex].flatMap((each) => each.calls().filter(({ error }) => error !== undefined)),
    ],
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** By the token of a call of a method; by the path of every other URL. Undefined: by none. */
function workspaceOf(
  request: IncomingMessage,
  acme: SlackStandIn,
  globex: SlackStandIn,
): SlackStandIn | undefined {
  const workspaces = [acme, globex];
  const url = request.url ?? "/";
  const named = workspaces.find(({ settings }) => url.startsWith(`/${settings.team}/`));
  if (named !== undefined) {
    request.url = url.slice(`/${named.settings.team}`.length);
    return named;
  }
  const token = request.headers.authorization?.replace(/^Bearer /u, "");
  return workspaces.find(({ settings }) => token === settings.botToken || token === settings.appToken);
}

function refuse(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ok: false, error: "invalid_auth" }));
}
