import type { IncomingMessage } from "node:http";

import type { Context } from "hono";

import type { HttpEnv, HttpServer } from "../../../runtime/http/http-server.ts";
import type { AccessRefusal } from "../access/access-control.ts";
import { sendText } from "./assets.ts";
import { sendRefusal, signIn, signOut, type SignInParts } from "./sign-in.ts";

interface PageParts extends SignInParts {
  /** The refusal that an upgrade with these headers would get. */
  readonly refusalOf: (request: IncomingMessage) => AccessRefusal | undefined;
}

/** Routes: `/` is the chat or the sign-in page, `/assets/` its files. */
export function addPageRoutes({ routes }: HttpServer, parts: PageParts): void {
  const { access, assets } = parts;
  routes.all("/assets/:name{.+}", (context) => assets.send(context.req.param("name"), context));
  routes.all("/", (context) =>
    access.needsToken ? sendChatOrSignIn(parts, context) : sendLocalChat(parts, context),
  );
  // A page can't read why its WebSocket was refused, so it asks here with the same headers.
  routes.all("/chat", (context) => {
    const refusal = parts.refusalOf(context.env.incoming);
    return refusal === undefined
      ? sendText(context, 200, "The chat is open to you; speak WebSocket here.")
      : sendRefusal(refusal, context);
  });
  if (!access.needsToken) return;
  routes.all("/sign-in", (context) => signIn(parts, context));
  routes.all("/sign-out", (context) => signOut(parts, context));
}

function sendChatOrSignIn({ identities, assets }: PageParts, context: Context<HttpEnv>): Response {
  const isAdmitted = identities.read(context.env.incoming)?.admittedBy !== undefined;
  return isAdmitted ? assets.send("index.html", context) : assets.send("sign-in.html", context, 401);
}

function sendLocalChat({ access, identities, assets, ids }: PageParts, context: Context<HttpEnv>): Response {
  const { incoming } = context.env;
  const refusal = access.refusalWithoutToken(incoming);
  if (refusal !== undefined) return sendRefusal(refusal, context);
  const user = identities.read(incoming)?.user;
  // A browser that follows a link from another site withholds a Strict cookie. A new cookie here would replace the
  // person's identity; the page's WebSocket sends the cookie, or gets a new one.
  if (user !== undefined || context.req.header("sec-fetch-site") !== "cross-site")
    context.header("set-cookie", identities.cookieFor(user ?? ids.turn(), "", incoming));
  return assets.send("index.html", context);
}
