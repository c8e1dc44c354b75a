import { createHmac } from "node:crypto";
import { Agent, request as send } from "node:http";

import type { SlackDelivery, SlackReceipt, SlackTransport } from "./slack-deliveries.ts";
import type { SlackStandInSettings } from "./slack-settings.ts";

export interface SlackHttpTransport extends Disposable {
  readonly deliver: SlackTransport;
}

/** Sends signed requests to one URL, over persistent connections. */
export function openHttpTransport(
  url: string,
  { signingSecret, ackWithinMs }: Pick<SlackStandInSettings, "signingSecret" | "ackWithinMs">,
): SlackHttpTransport {
  // Few enough for a server that accepts one new connection per turn of its event loop.
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  return {
    deliver: async (delivery) => {
      const { contentType, payload } = encode(delivery);
      const seconds = Math.floor(Date.now() / 1_000);
      const retry =
        delivery.retry === 0
          ? {}
          : { "x-slack-retry-num": delivery.retry, "x-slack-retry-reason": delivery.retryReason ?? "" };
      const headers = {
        "content-type": contentType,
        "content-length": Buffer.byteLength(payload),
        "x-slack-request-timestamp": seconds,
        "x-slack-signature": signatureOf(payload, seconds, signingSecret),
        ...retry,
      };
      try {
        return await post(url, { agent, headers, payload, ackWithinMs });
      } catch (error) {
        const isTimeout = error instanceof Error && error.name === "TimeoutError";
        return { isAcked: false, reason: isTimeout ? "http_timeout" : "connection_failed" };
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Slack's v0 signature of a body. */
export function signatureOf(payload: string, seconds: number, signingSecret: string): string {
  return `v0=${createHmac("sha256", signingSecret).update(`v0:${seconds}:${payload}`).digest("hex")}`;
}

/** Events are JSON, slash commands are forms, interactive payloads are JSON in a form. */
function encode({ type, body }: SlackDelivery): { readonly contentType: string; readonly payload: string } {
  if (type === "events_api") return { contentType: "application/json", payload: JSON.stringify(body) };
  const fields =
    type === "interactive"
      ? { payload: JSON.stringify(body) }
      : Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
  return {
    contentType: "application/x-www-form-urlencoded",
    payload: new URLSearchParams(fields).toString(),
  };
}

async function post(
  url: string,
  options: {
    readonly agent: Agent;
    readonly headers: Readonly<Record<string, string | number>>;
    readonly payload: string;
    readonly ackWithinMs: number;
  },
): Promise<SlackReceipt> {
  const { promise, resolve, reject } = Promise.withResolvers<SlackReceipt>();
  const { agent, headers, payload } = options;
  const request = send(url, { method: "POST", agent, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      const status = response.statusCode ?? 0;
      const isAcked = status >= 200 && status < 300;
      const answer = parse(Buffer.concat(chunks).toString());
      resolve({ isAcked, status, answer, ...(isAcked ? {} : { reason: "http_error" }) });
    });
  });
  let timeout: NodeJS.Timeout | undefined;
  // A request that waits for a free connection is not sent yet.
  request.on("socket", () => {
    timeout = setTimeout(
      () => request.destroy(new DOMException("Not acknowledged in time", "TimeoutError")),
      options.ackWithinMs,
    );
  });
  request.on("error", reject);
  request.on("close", () => clearTimeout(timeout));
  request.end(payload);
  return promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
