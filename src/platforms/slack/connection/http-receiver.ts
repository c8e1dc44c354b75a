import type { IncomingMessage, ServerResponse } from "node:http";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { RequestHandler } from "../../../runtime/http/node-handler.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import { answerDelivery, type DeliveryPorts } from "./answer-delivery.ts";
import { BodyBudget, type BodyFailure } from "./body-budget.ts";
import {
  checkHeaders,
  largestBodyBytes,
  largestCheckBytes,
  refused,
  type RefusalCause,
  type Refused,
} from "./check-headers.ts";
import { SigningKey } from "./signing-key.ts";

export interface HttpEventsPorts extends DeliveryPorts {
  readonly signingSecret: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Slack signed a request `skewS` seconds ahead of our clock; 0: our clock is right again. */
  readonly onSkew: (skewS: number) => void;
  /** False once we are closing: the request gets a 503, and Slack delivers it again. */
  readonly isOpen: () => boolean;
}

export const eventsPath = "/slack/events";
/** All bodies together whose senders are not verified yet. */
const maxUnverifiedBytes = 16 * 1_024 * 1_024;
const logIntervalMs = 5 * 60_000;
const bodyFaults: Readonly<Record<Exclude<BodyFailure, "gone">, number>> = {
  "too-large": 413,
  "too-slow": 408,
  "too-many-bytes": 503,
};

/** Log lines for the operator. The facts beside them hold nothing of the body. */
const hints: Readonly<Record<RefusalCause, string>> = {
  "wrong-clock":
    "this machine's clock is wrong, so all requests from Slack are refused (skewS: seconds that Slack is ahead): synchronize it (NTP)",
  "wrong-time":
    "a request to /slack/events has a timestamp outside the five minutes allowed (skewS: seconds ahead of this clock); if Slack sent it, synchronize this machine's clock",
  unsigned: "a request to /slack/events without Slack's signature was refused",
  "wrong-signature":
    "a request to /slack/events has a wrong signature; if Slack sent it, check SLACK_SIGNING_SECRET",
  "too-large": "a request to /slack/events was too large",
  "too-slow": "a request to /slack/events took too long to arrive",
  "too-many-bytes": "too many bytes arrived at /slack/events at once; the largest request was refused",
  "no-object": "a signed request to /slack/events has a body that Slack never sends",
};

/**
 * Receives Slack's events, commands and button presses over HTTP. Headers are checked before the body is read, and the
 * signature before the body is parsed.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function httpEvents(ports: HttpEventsPorts): RequestHandler {
  const checks = {
    budget: new BodyBudget(maxUnverifiedBytes),
    key: new SigningKey(ports.signingSecret),
    clock: ports.clock,
    onSkew: ports.onSkew,
  };
  const refusals = new SparseLog(ports, logIntervalMs);
  return async (request, response) => {
    if (!ports.isOpen()) return refuse(response, 503);
    if (request.method !== "POST") return refuse(response, 405);
    const admitted = await authenticate(request, checks);
    if (admitted === "gone") return;
    if (admitted === "certificate-check") return void response.writeHead(200).end();
    if ("cause" in admitted) {
      const { cause, status, kind: _kind, late: _late, ...facts } = admitted;
      refusals.warn(cause, facts, hints[cause]);
      return refuse(response, status);
    }
    ports.onSkew(0);
    await answerDelivery(Object.assign(request, admitted), response, ports);
  };
}

interface Checks extends Pick<HttpEventsPorts, "clock" | "onSkew"> {
  readonly budget: BodyBudget;
  readonly key: SigningKey;
}

/** Checks the headers, reads the body and verifies its signature. Never rejects. */
async function authenticate(
  request: IncomingMessage,
  checks: Checks,
): Promise<{ readonly rawBody: Buffer } | Refused | "gone" | "certificate-check"> {
  const { budget, key, clock } = checks;
  const verdict = checkHeaders(request.headers, clock.nowMs());
  if (verdict.kind === "refused") return checkClock(request, verdict, checks);
  const isSigned = verdict.kind === "signed";
  const rawBody = await budget.read(request, isSigned ? largestBodyBytes : largestCheckBytes);
  if (rawBody === "gone") return rawBody;
  if (typeof rawBody === "string") return refused(bodyFaults[rawBody], rawBody);
  if (!isSigned) {
    // Answered here, before parsing: a payload sent along with the check is unsigned.
    const isCheck = new URLSearchParams(rawBody.toString()).get("ssl_check") === "1";
    return isCheck ? verdict.kind : refused(401, "unsigned");
  }
  if (!key.verifies(verdict, rawBody)) return refused(401, "wrong-signature");
  return holdsObject(rawBody) ? { rawBody } : refused(400, "no-object");
}

/** A valid signature on a request outside the time window proves that Slack sent it: our clock is wrong. */
async function checkClock(
  request: IncomingMessage,
  verdict: Refused,
  { budget, key, onSkew }: Checks,
): Promise<Refused | "gone"> {
  const { late, skewS } = verdict;
  if (late === undefined || skewS === undefined) return verdict;
  const rawBody = await budget.read(request, largestBodyBytes);
  if (rawBody === "gone") return rawBody;
  if (typeof rawBody === "string" || !key.verifies(late, rawBody)) return verdict;
  onSkew(skewS);
  return { ...verdict, cause: "wrong-clock" };
}

function holdsObject(body: Buffer): boolean {
  const start = body.toString("utf8", 0, 100).trimStart();
  return /^(?:\{|payload=(?:\{|%7B)|(?!payload=)[a-z_]+=)/iu.test(start);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close", ...(status === 405 ? { allow: "POST" } : {}) }).end();
}
