import type { IncomingMessage, ServerResponse } from "node:http";

import type { Ids } from "../../ports/ids.ts";
import { tokenIs } from "../../runtime/callers.ts";
import type { HttpServer } from "../../runtime/http-server.ts";
import { sendText, type Assets } from "./assets.ts";
import type { Gate } from "./gate.ts";
import type { Identities } from "./identity.ts";

const mostFailures = 10;
const failureWindowMs = 60_000;
const mostFormBytes = 4_096;

interface PageParts {
  readonly gate: Gate;
  readonly identities: Identities;
  readonly assets: Assets;
  readonly ids: Ids;
  readonly token: string | undefined;
}

/** `/` is the chat, or the way to sign in; `/assets/` are its files. */
export function addPageRoutes(http: HttpServer, parts: PageParts): void {
  const { gate, identities, assets, ids } = parts;
  http.route("/assets/", (request, response) => {
    assets.send((request.url ?? "").split("?", 1)[0]?.slice("/assets/".length) ?? "", request, response);
  });
  http.route("/", (request, response) => {
    const identity = identities.read(request);
    if (gate.needsToken) {
      assets.send(identity?.isAdmitted === true ? "index.html" : "sign-in.html", request, response);
    } else if (gate.isHere(request)) {
      response.setHeader("set-cookie", identities.cookieFor(identity?.user ?? ids.turn(), request));
      assets.send("index.html", request, response);
    } else {
      sendText(
        response,
        403,
        "This web chat is open to its own machine only. To open it to others, set WEB_TOKEN.",
      );
    }
  });
  if (parts.token !== undefined) addSignIn(http, parts, parts.token);
}

function addSignIn(http: HttpServer, { gate, identities, assets, ids }: PageParts, token: string): void {
  const failuresAtMs: number[] = [];
  http.route("/sign-in", async (request, response) => {
    if (request.method !== "POST" || !gate.isSameOrigin(request)) {
      sendText(response, 405, "Sign in with the form on the start page.");
      return;
    }
    const nowMs = Date.now();
    while (nowMs - (failuresAtMs[0] ?? nowMs) > failureWindowMs) failuresAtMs.shift();
    if (failuresAtMs.length >= mostFailures) {
      sendText(response, 429, "Too many wrong tokens. Wait a minute, then try again.");
      return;
    }
    const given = new URLSearchParams(await readForm(request)).get("token") ?? "";
    if (!tokenIs(given, token)) {
      failuresAtMs.push(nowMs);
      assets.send("sign-in-failed.html", request, response, 403);
      return;
    }
    const user = identities.read(request)?.user ?? ids.turn();
    response.setHeader("set-cookie", identities.cookieFor(user, request));
    redirect(response);
  });
}

function redirect(response: ServerResponse): void {
  response.writeHead(303, { location: "/" }).end();
}

async function readForm(request: IncomingMessage): Promise<string> {
  let form = "";
  for await (const bytes of request) {
    form += String(bytes);
    if (form.length > mostFormBytes) return "";
  }
  return form;
}
