import type { IncomingMessage, ServerResponse } from "node:http";

import type { Ids } from "../../../ports/ids.ts";
import { sendText, type Assets } from "./assets.ts";
import type { AccessControl, GateRefusal } from "../access/access-control.ts";
import type { Identities } from "../access/identity.ts";

const mostFormBytes = 4_096;

export interface SignInParts {
  readonly gate: AccessControl;
  readonly identities: Identities;
  readonly assets: Assets;
  readonly ids: Ids;
  /** Ends what a person has open, everywhere. */
  readonly onSignOut: (user: string) => void;
}

/** Takes the form of the start page. */
export async function signIn(
  parts: SignInParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { gate, identities, assets, ids } = parts;
  if (!isPostFromHere(gate, request, response)) return;
  const given = new URLSearchParams(await readForm(request)).get("token") ?? "";
  const guess = gate.judgeForm(request, given, identities.read(request)?.user);
  if (guess.kind === "right") {
    const user = identities.userAfterSignIn(request) ?? ids.turn();
    response.setHeader("set-cookie", identities.cookieFor(user, guess.token, request));
    response.writeHead(303, { location: "./" }).end();
  } else if (guess.kind === "wrong") {
    gate.refuse("wrong-token", request);
    assets.send("sign-in-failed.html", request, response, 403);
  } else refuseWith(gate.refuse("too-many-guesses", request), response);
}

/** Makes the browser forget who it was. */
export function signOut(parts: SignInParts, request: IncomingMessage, response: ServerResponse): void {
  const { gate, identities, onSignOut } = parts;
  if (!isPostFromHere(gate, request, response)) return;
  const known = identities.read(request);
  if (known !== undefined) onSignOut(known.user);
  response.setHeader("set-cookie", identities.forgetting());
  response.writeHead(303, { location: "./" }).end();
}

export function refuseWith({ status, text }: GateRefusal, response: ServerResponse): void {
  sendText(response, status, text);
}

function isPostFromHere(gate: AccessControl, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "POST") {
    response.setHeader("allow", "POST");
    sendText(response, 405, "Use the form on the start page.");
    return false;
  }
  const refusal = gate.refusalOfOrigin(request);
  if (refusal !== undefined) refuseWith(refusal, response);
  return refusal === undefined;
}

async function readForm(request: IncomingMessage): Promise<string> {
  let form = "";
  for await (const bytes of request) {
    form += String(bytes);
    if (form.length > mostFormBytes) return "";
  }
  return form;
}
