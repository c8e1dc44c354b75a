import { setTimeout } from "node:timers/promises";

import type { SlackDelivery, SlackReceipt, SlackTransport } from "../slack/slack-deliveries.ts";
import { openHttpTransport, type SlackHttpTransport } from "../slack/slack-http-transport.ts";
import type { SlackStandIn } from "../slack/slack-stand-in.ts";
import { asRecord, asText } from "../slack/untyped-json.ts";
import type { Random } from "./random.ts";
import { spokenIn } from "./speech.ts";

/**
 * Slack retries at once, after a minute and after five, and then gives up. Here it retries more often in that time.
 */
const againAfterMs = [0, 1_000, ...Array.from({ length: 100 }, () => 3_000)];
const repeatShare = 0.1;
const longestRepeatMs = 8_000;

/** Sends each request to the next replica in turn. */
export class Balancer {
  readonly #slack: SlackStandIn;
  readonly #ways = new Map<number, SlackHttpTransport>();
  #turn = 0;

  constructor(slack: SlackStandIn) {
    this.#slack = slack;
  }

  add(slot: number, url: string): void {
    this.#ways.set(slot, openHttpTransport(url, this.#slack.settings));
  }

  remove(slot: number): void {
    this.#ways.get(slot)?.[Symbol.dispose]();
    this.#ways.delete(slot);
  }

  close(): void {
    for (const slot of this.#ways.keys()) this.remove(slot);
  }

  readonly deliver: SlackTransport = async (delivery) => {
    this.#turn += 1;
    const way = [...this.#ways.values()][this.#turn % Math.max(1, this.#ways.size)];
    return way === undefined ? { isAcked: false, reason: "connection_failed" } : way.deliver(delivery);
  };
}

/** Retries deliveries that were not acknowledged, and repeats some that were. */
export class Postman {
  readonly #transport: SlackTransport;
  readonly #random: Random;
  readonly #closing = new AbortController();
  repeats = 0;

  constructor(transport: SlackTransport, random: Random) {
    this.#transport = transport;
    this.#random = random;
  }

  close(): void {
    this.#closing.abort();
  }

  readonly deliver: SlackTransport = async (delivery) => {
    if (delivery.type === "interactive") return this.#transport(delivery);
    const token = tokenOf(delivery);
    const luck = this.#random.fork(`delivery ${token} ${String(delivery.body["event_id"])}`);
    const isRepeated = token !== undefined && luck.chance(repeatShare);
    // Slack may consider a delivery lost before the app answers, or much later.
    if (isRepeated && luck.chance(0.5)) this.#repeat(delivery, 0);
    const receipt = await this.#tryOften(delivery);
    if (isRepeated) this.#repeat(delivery, luck.between(0, longestRepeatMs));
    return receipt;
  };

  async #tryOften(delivery: SlackDelivery): Promise<SlackReceipt> {
    let receipt = await this.#transport(delivery);
    for (const [index, waitMs] of againAfterMs.entries()) {
      if (receipt.isAcked || this.#closing.signal.aborted) break;
      await setTimeout(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      const { reason: retryReason = "http_error" } = receipt;
      receipt = await this.#transport({ ...delivery, retry: index + 1, retryReason });
    }
    return receipt;
  }

  #repeat(delivery: SlackDelivery, afterMs: number): void {
    this.repeats += 1;
    setTimeout(afterMs, undefined, { signal: this.#closing.signal })
      .then(() => this.#transport({ ...delivery, retry: 1, retryReason: "http_timeout" }))
      .catch(() => undefined);
  }
}

/** For messages of people. Slack also delivers the bot's own posts. */
function tokenOf({ body }: SlackDelivery): string | undefined {
  const event = asRecord(body["event"]);
  return "bot_id" in event || "subtype" in event ? undefined : spokenIn(asText(event["text"]))[0]?.token;
}
