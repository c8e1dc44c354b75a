import { createHmac } from "node:crypto";
import { Agent, request as send } from "node:http";

import { account } from "./orders.ts";

/** Slack waits this long for an acknowledgement. */
const ackWithinMs = 3_000;
const maxTries = 4;
/** A server that doesn't listen yet, or says that it is not ready, is asked again after this. */
const againAfterMs = 5;

/** Sends signed events to the contestant's addresses in turn, and those that are not acknowledged again. */
export class EventDeliveries {
  redelivered = 0;
  #urls: readonly string[] = [];
  #turn = 0;
  #count = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  to(urls: readonly string[]): void {
    this.#urls = urls;
  }

  deliver(event: Readonly<Record<string, unknown>>): void {
    this.#count += 1;
    const seconds = Math.floor(Date.now() / 1_000);
    const body = JSON.stringify({
      token: "legacy-verification-token",
      team_id: account.team,
      api_app_id: "A1",
      event,
      type: "event_callback",
      event_id: `Ev${String(this.#count).padStart(8, "0")}`,
      event_time: seconds,
      authorizations: [
        {
          enterprise_id: null,
          team_id: account.team,
          user_id: account.botUser,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    });
    this.#send(body, 0);
  }

  #send(body: string, retry: number): void {
    const url = this.#urls[this.#turn % this.#urls.length];
    this.#turn += 1;
    if (url === undefined) throw new Error("There is nobody to deliver to");
    let isSettled = false;
    const settle = (isAcknowledged: boolean, isRefused = false): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      if (isAcknowledged) return;
      if (isRefused) {
        setTimeout(() => this.#send(body, retry), againAfterMs);
        return;
      }
      this.redelivered += 1;
      if (retry + 1 < maxTries) this.#send(body, retry + 1);
    };
    const timer = setTimeout(() => settle(false), ackWithinMs);
    const request = send(url, { method: "POST", agent: this.#agent, headers: headersOf(body, retry) });
    request.on("response", (response) => {
      response.resume();
      settle(response.statusCode === 200, response.statusCode === 503);
    });
    request.on("error", (error: NodeJS.ErrnoException) => settle(false, error.code === "ECONNREFUSED"));
    request.end(body);
  }
}

function headersOf(body: string, retry: number): Readonly<Record<string, string | number>> {
  const seconds = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", account.signingSecret).update(`v0:${seconds}:${body}`).digest("hex");
  return {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-slack-request-timestamp": seconds,
    "x-slack-signature": `v0=${signature}`,
    ...(retry === 0 ? {} : { "x-slack-retry-num": retry, "x-slack-retry-reason": "http_timeout" }),
  };
}
