import type { IncomingMessage, ServerResponse } from "node:http";

import type { Ids } from "../../../ports/ids.ts";
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
export async function signIn(
  parts: SignInParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { access, identities, assets, ids } = parts;
  if (!isOwnPost(access, request, response)) return;
  const given = new URLSearchParams(await readForm(request)).get("token") ?? "";
  const guess = access.checkFormToken(request, given, identities.read(request)?.user);
  if (guess.kind === "right") {
    const user = identities.userAfterSignIn(request) ?? ids.turn();
    response.setHeader("set-cookie", identities.cookieFor(user, guess.token, request));
    response.writeHead(303, { location: "./" }).end();
  } else if (guess.kind === "wrong") {
    access.refuse("wrong-token", request);
    assets.send("sign-in-failed.html", request, response, 403);
  } else sendRefusal(access.refuse("too-many-guesses", request), response);
}

/** Deletes the browser's cookies and closes the person's pages. */
export function signOut(parts: SignInParts, request: IncomingMessage, response: ServerResponse): void {
  const { access, identities, onSignOut } = parts;
  if (!isOwnPost(access, request, response)) return;
  const known = identities.read(request);
  if (known !== undefined) onSignOut(known.user);
  response.setHeader("set-cookie", identities.clearingCookies());
  response.writeHead(303, { location: "./" }).end();
}

export function sendRefusal({ status, text }: AccessRefusal, response: ServerResponse): void {
  sendText(response, status, text);
}

function isOwnPost(access: AccessControl, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "POST") {
    response.setHeader("allow", "POST");
    sendText(response, 405, "Use the form on the start page.");
    return false;
  }
  const refusal = access.originRefusal(request);
  if (refusal !== undefined) sendRefusal(refusal, response);
  return refusal === undefined;
}

async function readForm(request: IncomingMessage): Promise<string> {
  let form = "";
  for await (const bytes of request) {
    form += String(bytes);
    if (form.length > maxFormBytes) return "";
  }
  return form;
}
