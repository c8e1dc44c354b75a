import type { IncomingMessage } from "node:http";

import type { Ids } from "../../../ports/ids.ts";
import type { AccessControl, GateRefusal } from "./access-control.ts";
import type { Identities } from "./identity.ts";

/** Who comes in, and by which token. */
export interface Admission {
  readonly user: string;
  /** Empty where there is no token. */
  readonly admittedBy: string;
}

interface AdmissionParts {
  readonly gate: AccessControl;
  readonly identities: Identities;
  readonly ids: Ids;
}

/** Decides about an upgrade: by the cookie, or by the token that a program sends; such a program keeps the cookie. */
export function admissionOf(
  request: IncomingMessage,
  { gate, identities, ids }: AdmissionParts,
): Admission | GateRefusal {
  const foreign = gate.refusalOfOrigin(request);
  if (foreign !== undefined) return foreign;
  const known = identities.read(request);
  const user = known?.user ?? ids.turn();
  if (!gate.needsToken) return gate.refusalWithoutToken(request) ?? { user, admittedBy: "" };
  if (known?.admittedBy !== undefined) return { user, admittedBy: known.admittedBy };
  const guess = gate.judgeBearer(request, known?.user);
  if (guess === undefined) return gate.refuse("not-signed-in", request);
  if (guess.kind === "right") return { user, admittedBy: guess.token };
  return gate.refuse(guess.kind === "wrong" ? "wrong-token" : "too-many-guesses", request);
}
