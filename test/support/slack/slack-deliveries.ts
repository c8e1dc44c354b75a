/** The three kinds of things that Slack sends. */
type SlackDeliveryType = "events_api" | "slash_commands" | "interactive";

export interface SlackDelivery {
  readonly type: SlackDeliveryType;
  readonly body: Readonly<Record<string, unknown>>;
  /** 0 for the first try. */
  readonly retry: number;
  readonly retryReason?: string;
}

/** What came of one try. */
export interface SlackReceipt {
  readonly isAcked: boolean;
  /** The HTTP status, where there is one. */
  readonly status?: number;
  /** In Slack's words: http_error, http_timeout, connection_failed. */
  readonly reason?: string;
  /** What the acknowledgement carried. */
  readonly answer?: unknown;
}

/** One way to an app: HTTP or a socket. It never rejects. */
export type SlackTransport = (delivery: SlackDelivery) => Promise<SlackReceipt>;

/** Sends, and keeps the events that were not acknowledged until the test lets time pass. */
export class SlackDeliveries {
  /** The events that wait for their next try. */
  readonly undelivered: SlackDelivery[] = [];
  /** How many tries there were. */
  tries = 0;
  #transport: SlackTransport = async () => ({ isAcked: false, reason: "connection_failed" });

  use(transport: SlackTransport): void {
    this.#transport = transport;
  }

  async send(delivery: SlackDelivery): Promise<SlackReceipt> {
    this.tries += 1;
    const receipt = await this.#transport(delivery);
    // Slack repeats events, never what people pressed or typed.
    if (!receipt.isAcked && delivery.type === "events_api" && delivery.retry < 3) {
      this.undelivered.push({
        ...delivery,
        retry: delivery.retry + 1,
        retryReason: receipt.reason ?? "http_error",
      });
    }
    return receipt;
  }

  /** What Slack does at once, after a minute and after five: every undelivered event is tried once more, in order. */
  async redeliver(): Promise<void> {
    for (const delivery of this.undelivered.splice(0)) await this.send(delivery);
  }
}
