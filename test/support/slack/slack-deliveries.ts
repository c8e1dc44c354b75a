/** The three types of deliveries. */
type SlackDeliveryType = "events_api" | "slash_commands" | "interactive";

export interface SlackDelivery {
  readonly type: SlackDeliveryType;
  readonly body: Readonly<Record<string, unknown>>;
  /** 0 for the first attempt. */
  readonly retry: number;
  readonly retryReason?: string;
}

/** The result of one attempt. */
export interface SlackReceipt {
  readonly isAcked: boolean;
  /** Only over HTTP. */
  readonly status?: number;
  /** As in x-slack-retry-reason: http_error, http_timeout, connection_failed. */
  readonly reason?: string;
  /** The body of the acknowledgement. */
  readonly answer?: unknown;
}

/** A transport to an app: HTTP or a socket. Never rejects. */
export type SlackTransport = (delivery: SlackDelivery) => Promise<SlackReceipt>;

/** Delivers, and keeps unacknowledged events until the test calls `redeliver`. */
export class SlackDeliveries {
  /** Events that wait for their next attempt. */
  readonly undelivered: SlackDelivery[] = [];
  /** The number of attempts. */
  tries = 0;
  #transport: SlackTransport = async () => ({ isAcked: false, reason: "connection_failed" });

  use(transport: SlackTransport): void {
    this.#transport = transport;
  }

  async send(delivery: SlackDelivery): Promise<SlackReceipt> {
    this.tries += 1;
    const receipt = await this.#transport(delivery);
    // Slack delivers only events again, never presses and slash commands.
    if (!receipt.isAcked && delivery.type === "events_api" && delivery.retry < 3) {
      this.undelivered.push({
        ...delivery,
        retry: delivery.retry + 1,
        retryReason: receipt.reason ?? "http_error",
      });
    }
    return receipt;
  }

  /** Delivers each unacknowledged event once more, in order, as Slack does at once, after one minute and after five. */
  async redeliver(): Promise<void> {
    for (const delivery of this.undelivered.splice(0)) await this.send(delivery);
  }
}
