import type { Context } from "hono";

import type { Ids } from "../../../ports/ids.ts";
import type { HttpEnv } from "../../../runtime/http/http-server.ts";
import { sendText, type Assets } from "./assets.ts";
import type { AccessControl, AccessRefusal } from "../access/access-control.ts";
import type { Identities } from "../access/identity.ts";

const maxFormBytes = 4_096;

export interface SignInParts {
  readonly access: AccessControl;
  readonly identities: Identities;
  readonly assets: Assets;
  readonly ids: Ids;
  /** Closes the person's pages on all replicas. */
  readonly onSignOut: (user: string) => void;
}

/** Handles the form of the sign-in page. */
export async function signIn(parts: SignInParts, context: Context<HttpEnv>): Promise<Response> {
  const { access, identities, assets, ids } = parts;
  const { incoming } = context.env;
  const refused = refusalOfPost(access, context);
  if (refused !== undefined) return refused;
  const given = new URLSearchParams(await readForm(incoming)).get("token") ?? "";
  const guess = access.checkFormToken(incoming, given, identities.read(incoming)?.user);
  if (guess.kind === "right") {
    const user = identities.userAfterSignIn(incoming) ?? ids.turn();
    context.header("set-cookie", identities.cookieFor(user, guess.token, incoming));
    return context.redirect("./", 303);
  }
  if (guess.kind === "wrong") {
    access.refuse("wrong-token", incoming);
    return assets.send("sign-in.html", context, 403);
  }
  return sendRefusal(access.refuse("too-many-guesses", incoming), context);
}

/** Deletes the browser's cookies and closes the person's pages. */
export function signOut(parts: SignInParts, context: Context<HttpEnv>): Response {
  const { access, identities, onSignOut } = parts;
  const refused = refusalOfPost(access, context);
  if (refused !== undefined) return refused;
  const known = identities.read(context.env.incoming);
  if (known !== undefined) onSignOut(known.user);
  for (const cookie of identities.clearingCookies()) context.header("set-cookie", cookie, { append: true });
  return context.redirect("./", 303);
}

export function sendRefusal({ status, text }: AccessRefusal, context: Context<HttpEnv>): Response {
  return sendText(context, status, text);
}

/** The answer to a request that is no form of our own page. */
function refusalOfPost(access: AccessControl, context: Context<HttpEnv>): Response | undefined {
  if (context.req.method !== "POST") {
    context.header("allow", "POST");
    return sendText(context, 405, "Use the form on the start page.");
  }
  const refusal = access.originRefusal(context.env.incoming);
  return refusal === undefined ? undefined : sendRefusal(refusal, context);
}

async function readForm(request: AsyncIterable<unknown>): Promise<string> {
  let form = "";
  for await (const bytes of request) {
    form += String(bytes);
    if (form.length > maxFormBytes) return "";
  }
  return form;
}
