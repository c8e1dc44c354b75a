import type { IncomingMessage, ServerResponse } from "node:http";

import type { HttpServer } from "../../../runtime/http/http-server.ts";
import { sendText } from "./assets.ts";
import type { AccessRefusal } from "../access/access-control.ts";
import { sendRefusal, signIn, signOut, type SignInParts } from "./sign-in.ts";

interface PageParts extends SignInParts {
  /** The refusal that an upgrade with these headers would get. */
  readonly refusalOf: (request: IncomingMessage) => AccessRefusal | undefined;
}

/** Routes: `/` is the chat or the sign-in page, `/assets/` its files. */
export function addPageRoutes(http: HttpServer, parts: PageParts): void {
  const { access, assets } = parts;
  http.route("/assets/", (request, response) => {
    assets.send((request.url ?? "").split("?", 1)[0]?.slice("/assets/".length) ?? "", request, response);
  });
  http.route("/", (request, response) => {
    if (access.needsToken) sendChatOrSignIn(parts, request, response);
    else sendLocalChat(parts, request, response);
  });
  // A page can't read why its WebSocket was refused, so it asks here with the same headers.
  http.route("/chat", (request, response) => {
    const refusal = parts.refusalOf(request);
    if (refusal === undefined) sendText(response, 200, "The chat is open to you; speak WebSocket here.");
    else sendRefusal(refusal, response);
  });
  if (!access.needsToken) return;
  http.route("/sign-in", (request, response) => signIn(parts, request, response));
  http.route("/sign-out", (request, response) => signOut(parts, request, response));
}

function sendChatOrSignIn(
  { identities, assets }: PageParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const isAdmitted = identities.read(request)?.admittedBy !== undefined;
  if (isAdmitted) assets.send("index.html", request, response);
  else assets.send("sign-in.html", request, response, 401);
}

function sendLocalChat(
  { access, identities, assets, ids }: PageParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const refusal = access.refusalWithoutToken(request);
  if (refusal !== undefined) {
    sendRefusal(refusal, response);
    return;
  }
  const user = identities.read(request)?.user;
  // A browser that follows a link from another site withholds a Strict cookie. A new cookie here would replace the
  // person's identity; the page's WebSocket sends the cookie, or gets a new one.
  if (user !== undefined || request.headers["sec-fetch-site"] !== "cross-site") {
    response.setHeader("set-cookie", identities.cookieFor(user ?? ids.turn(), "", request));
  }
  assets.send("index.html", request, response);
}
