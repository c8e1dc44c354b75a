import type { IncomingHttpHeaders } from "node:http";

/** Why a request to the events path is refused. It is logged under this name. */
export type RefusalCause =
  | "wrong-time"
  | "wrong-clock"
  | "unsigned"
  | "wrong-signature"
  | "too-large"
  | "too-slow"
  | "too-many-bytes"
  | "no-object";

export type Verdict =
  | Signed
  /** Slack checks our TLS certificate: the only request that it does not sign. */
  | { readonly kind: "certificate-check" }
  | Refused;

export interface Signed {
  readonly kind: "signed";
  readonly timestamp: number;
  readonly signature: string;
}

export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  readonly cause: RefusalCause;
  /** Seconds that the request's timestamp is ahead of our clock. */
  readonly skewS?: number;
  /** Signature of a request outside the time window. If it is valid, Slack sent it and our clock is wrong. */
  readonly late?: Pick<Signed, "timestamp" | "signature">;
}

export const largestBodyBytes = 4 * 1_024 * 1_024;
export const largestCheckBytes = 1_024;
const freshForS = 5 * 60;
const signatureForm = /^v0=[\da-f]{64}$/u;

/** Decides by the headers alone whether the body is read. Without a timestamp it is not. */
export function checkHeaders(headers: IncomingHttpHeaders, nowMs: number): Verdict {
  const timestamp = headers["x-slack-request-timestamp"];
  const signature = headers["x-slack-signature"];
  const bytes = Number(headers["content-length"] ?? Number.NaN);
  if (timestamp === undefined && signature === undefined) {
    const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
    if (isForm && bytes <= largestCheckBytes) return { kind: "certificate-check" };
  }
  if (typeof timestamp !== "string" || !/^\d{1,12}$/u.test(timestamp)) return refused(401, "unsigned");
  const skewS = Number(timestamp) - Math.round(nowMs / 1_000);
  // Slack's library refuses only old requests; one dated in the future could be replayed until five minutes after its date.
  const isSigned = typeof signature === "string" && signatureForm.test(signature);
  if (Math.abs(skewS) > freshForS) {
    const late = isSigned ? { late: { timestamp: Number(timestamp), signature } } : {};
    return { ...refused(401, "wrong-time"), skewS, ...late };
  }
  if (!isSigned) return refused(401, "unsigned");
  if (bytes > largestBodyBytes) return refused(413, "too-large");
  return { kind: "signed", timestamp: Number(timestamp), signature };
}

export function refused(status: number, cause: RefusalCause): Refused {
  return { kind: "refused", status, cause };
}
