import type { IncomingMessage, ServerResponse } from "node:http";

import type { Ids } from "../../ports/ids.ts";
import type { HttpServer } from "../../runtime/http-server.ts";
import { sendText, type Assets } from "./assets.ts";
import type { Gate } from "./gate.ts";
import type { Identities } from "./identity.ts";

const mostFormBytes = 4_096;

interface PageParts {
  readonly gate: Gate;
  readonly identities: Identities;
  readonly assets: Assets;
  readonly ids: Ids;
}

/** `/` is the chat, or the way to sign in; `/assets/` are its files. */
export function addPageRoutes(http: HttpServer, parts: PageParts): void {
  const { gate, assets } = parts;
  http.route("/assets/", (request, response) => {
    assets.send((request.url ?? "").split("?", 1)[0]?.slice("/assets/".length) ?? "", request, response);
  });
  http.route("/", (request, response) => {
    if (gate.needsToken) showToAdmitted(parts, request, response);
    else if (gate.isHere(request)) showHere(parts, request, response);
    else {
      sendText(
        response,
        403,
        "This web chat is open to its own machine only. To open it to others, set WEB_TOKEN.",
      );
    }
  });
  if (gate.needsToken) http.route("/sign-in", (request, response) => signIn(parts, request, response));
}

function showToAdmitted(
  { identities, assets }: PageParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (identities.read(request)?.isAdmitted === true) assets.send("index.html", request, response);
  else assets.send("sign-in.html", request, response, 401);
}

function showHere(
  { identities, assets, ids }: PageParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const user = identities.read(request)?.user;
  // A browser that follows a link from another site keeps a Strict cookie back. A new one would replace it, and with it
  // the person: the WebSocket, which is the page's own, brings the cookie or gets the new one.
  if (user !== undefined || request.headers["sec-fetch-site"] !== "cross-site") {
    response.setHeader("set-cookie", identities.cookieFor(user ?? ids.turn(), request));
  }
  assets.send("index.html", request, response);
}

async function signIn(
  { gate, identities, assets, ids }: PageParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST" || !gate.isSameOrigin(request)) {
    sendText(response, 405, "Sign in with the form on the start page.");
    return;
  }
  const given = new URLSearchParams(await readForm(request)).get("token") ?? "";
  switch (gate.judgeForm(request, given)) {
    case "right":
      response.setHeader(
        "set-cookie",
        identities.cookieFor(identities.read(request)?.user ?? ids.turn(), request),
      );
      response.writeHead(303, { location: "/" }).end();
      break;
    case "wrong":
      assets.send("sign-in-failed.html", request, response, 403);
      break;
    case "too-many":
      sendText(response, 429, "Too many wrong tokens. Wait a minute, then try again.");
  }
}

async function readForm(request: IncomingMessage): Promise<string> {
  let form = "";
  for await (const bytes of request) {
    form += String(bytes);
    if (form.length > mostFormBytes) return "";
  }
  return form;
}
