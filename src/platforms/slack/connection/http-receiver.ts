import type { IncomingMessage, ServerResponse } from "node:http";

import { HTTPReceiver, isValidSlackRequest, type App, type Logger } from "@slack/bolt";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { RequestHandler } from "../../../runtime/http/http-server.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import { BodyBudget, type NoBody } from "./body-budget.ts";
import {
  judgeHeaders,
  largestBodyBytes,
  largestCheckBytes,
  refused,
  type RefusalCause,
  type Refused,
} from "./check-headers.ts";

export interface HttpEventsPorts {
  readonly app: App;
  readonly signingSecret: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly log: Log;
  /** Slack signed a request at a time that our clock is `skewS` seconds behind; 0: our clock is right again. */
  readonly onSkew: (skewS: number) => void;
  /** False once we are closing: Slack delivers again, to whoever is there then. */
  readonly isOpen: () => boolean;
}

export const eventsPath = "/slack/events";
/** Of all bodies together whose senders are not known yet. */
const mostUnverifiedBytes = 16 * 1_024 * 1_024;
const tellAgainMs = 5 * 60_000;
const bodyFaults: Readonly<Record<Exclude<NoBody, "gone">, number>> = {
  "too-large": 413,
  "too-slow": 408,
  "too-many-bytes": 503,
};

/** What the operator is told. The facts hold nothing of the body. */
const hints: Readonly<Record<RefusalCause, string>> = {
  "wrong-clock":
    "Slack signed a request at another time (skewS: its seconds ahead of this clock), and it was refused, as every other: set this machine's clock (NTP)",
  "wrong-time":
    "a request to /slack/events was signed at another time (skewS: its seconds ahead of this clock); if it came from Slack, set this machine's clock",
  unsigned: "a request to /slack/events without Slack's signature was refused",
  "wrong-signature":
    "a request to /slack/events has a wrong signature; if it came from Slack, check SLACK_SIGNING_SECRET",
  "too-large": "a request to /slack/events was too large",
  "too-slow": "a request to /slack/events took too long to arrive",
  "too-many-bytes": "too many bytes arrived at /slack/events at once; the largest request was refused",
  "no-object": "a signed request to /slack/events holds nothing that Slack sends",
};

/**
 * Slack's events, commands and presses over HTTP. Headers are judged before the body is read, and the signature before
 * Bolt's receiver sees the body; the receiver listens nowhere itself.
 */
export function httpEvents(ports: HttpEventsPorts): RequestHandler {
  const receiver = openReceiver(ports);
  const budget = new BodyBudget(mostUnverifiedBytes);
  const refusals = new SparseLog(ports, tellAgainMs);
  return async (request, response) => {
    if (!ports.isOpen()) return refuse(response, 503);
    if (request.method !== "POST") return refuse(response, 405);
    const admitted = await admit(request, budget, ports);
    if (admitted === "gone") return;
    if (admitted === "certificate-check") return void response.writeHead(200).end();
    if ("cause" in admitted) {
      const { cause, status, kind: _kind, late: _late, ...facts } = admitted;
      refusals.warn(cause, facts, hints[cause]);
      return refuse(response, status);
    }
    ports.onSkew(0);
    receiver.requestListener(Object.assign(request, admitted), response);
  };
}

/** Bolt's own check of signatures is off: it would log each wrong one. Nothing reaches it unchecked. */
function openReceiver({ signingSecret, logger, app }: HttpEventsPorts): HTTPReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    signatureVerification: false,
    endpoints: eventsPath,
    logger,
    processEventErrorHandler: async ({ response }) => {
      if (!response.headersSent) response.writeHead(500).end();
      // True ends the receiver's own wait for an acknowledgement; it writes nothing more.
      return true;
    },
  });
  receiver.init(app);
  return receiver;
}

/** Reads and checks the body of a request whose headers are in order. Never rejects. */
async function admit(
  request: IncomingMessage,
  budget: BodyBudget,
  ports: HttpEventsPorts,
): Promise<{ readonly rawBody: Buffer } | Refused | "gone" | "certificate-check"> {
  const { signingSecret, clock } = ports;
  const verdict = judgeHeaders(request.headers, clock.nowMs());
  if (verdict.kind === "refused") return whoseClock(request, verdict, budget, ports);
  const isSigned = verdict.kind === "signed";
  const rawBody = await budget.read(request, isSigned ? largestBodyBytes : largestCheckBytes);
  if (rawBody === "gone") return rawBody;
  if (typeof rawBody === "string") return refused(bodyFaults[rawBody], rawBody);
  const body = rawBody.toString();
  if (!isSigned) {
    // Answered here: the receiver would also take a payload that stands beside the check.
    const isCheck = new URLSearchParams(body).get("ssl_check") === "1";
    return isCheck ? verdict.kind : refused(401, "unsigned");
  }
  const headers = {
    "x-slack-signature": verdict.signature,
    "x-slack-request-timestamp": verdict.timestamp,
  };
  const nowMilliseconds = clock.nowMs();
  if (!isValidSlackRequest({ signingSecret, body, headers, nowMilliseconds })) {
    return refused(401, "wrong-signature");
  }
  // The receiver trusts that it finds an object in a body, and an exception in it would end the process.
  return holdsObject(body) ? { rawBody } : refused(400, "no-object");
}

/** Whether it was Slack itself that signed at another time: then the fault is our clock's, and no stranger's. */
async function whoseClock(
  request: IncomingMessage,
  verdict: Refused,
  budget: BodyBudget,
  { signingSecret, onSkew }: HttpEventsPorts,
): Promise<Refused | "gone"> {
  const { late, skewS } = verdict;
  if (late === undefined || skewS === undefined) return verdict;
  const rawBody = await budget.read(request, largestBodyBytes);
  if (rawBody === "gone") return rawBody;
  if (typeof rawBody === "string") return verdict;
  const headers = { "x-slack-signature": late.signature, "x-slack-request-timestamp": late.timestamp };
  const nowMilliseconds = late.timestamp * 1_000;
  if (!isValidSlackRequest({ signingSecret, body: rawBody.toString(), headers, nowMilliseconds }))
    return verdict;
  onSkew(skewS);
  return { ...verdict, cause: "wrong-clock" };
}

function holdsObject(body: string): boolean {
  return /^(?:\{|payload=(?:\{|%7B)|(?!payload=)[a-z_]+=)/iu.test(body.slice(0, 100).trimStart());
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close", ...(status === 405 ? { allow: "POST" } : {}) }).end();
}
