import type { IncomingMessage } from "node:http";

import type { Ids } from "../../../ports/ids.ts";
import type { AccessControl, AccessRefusal } from "./access-control.ts";
import type { Identities } from "./identity.ts";

/** A person who may use the chat, and the token that admitted them. */
export interface Admission {
  readonly user: string;
  /** Empty if no token is set. */
  readonly admittedBy: string;
}

interface AdmissionPorts {
  readonly access: AccessControl;
  readonly identities: Identities;
  readonly ids: Ids;
}

/** Decides about an upgrade, by its cookie or by the token that a program sends. Programs keep the cookie. */
export function admissionOf(
  request: IncomingMessage,
  { access, identities, ids }: AdmissionPorts,
): Admission | AccessRefusal {
  const foreign = access.originRefusal(request);
  if (foreign !== undefined) return foreign;
  const known = identities.read(request);
  const user = known?.user ?? ids.turn();
  if (!access.needsToken) return access.refusalWithoutToken(request) ?? { user, admittedBy: "" };
  if (known?.admittedBy !== undefined) return { user, admittedBy: known.admittedBy };
  const guess = access.judgeBearer(request, known?.user);
  if (guess === undefined) return access.refuse("not-signed-in", request);
  if (guess.kind === "right") return { user, admittedBy: guess.token };
  return access.refuse(guess.kind === "wrong" ? "wrong-token" : "too-many-guesses", request);
}
