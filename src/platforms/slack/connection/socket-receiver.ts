import { SocketModeReceiver, type AckFn, type Logger } from "@slack/bolt";
import type { WebClientOptions } from "@slack/web-api";
import type { Dispatcher } from "undici";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import type { Acknowledgement } from "../wire/acknowledgement.ts";
import type { DeliveryPorts } from "./answer-delivery.ts";
import type { GapDetector } from "./gap-detector.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { tokenRefusalIn } from "../api/slack-errors.ts";
import { retryDelayMs } from "../../../async/retry-delay.ts";

export interface SocketReceiverPorts {
  readonly receive: DeliveryPorts["receive"];
  readonly appToken: string;
  readonly logger: Logger;
  readonly options: WebClientOptions;
  /** Connects through a proxy. Missing: directly. */
  readonly dispatcher?: Dispatcher;
  readonly clock: Clock;
  readonly log: Log;
  readonly gapDetector: GapDetector;
  /** Slack rejects the app token while we run; `code` is Slack's error code. */
  readonly onRefused: (code: string) => void;
}

/** One WebSocket, from Slack's hello until it closes. */
interface Connection {
  /** Resolves when Slack announces its end or it has closed: time to open the next one. */
  readonly ending: Promise<void>;
  readonly close: () => Promise<void>;
}

/** The library's event for everything that Slack delivers: events, commands and interactive payloads. */
interface Envelope {
  readonly body: unknown;
  readonly ack: AckFn<Acknowledgement>;
}

const helloTimeoutMs = 15_000;
const retryPace = { firstMs: 500, longestMs: 30_000 };
const closeTimeoutMs = 2_000;

/**
 * Socket Mode without gaps: when Slack announces the end of a connection, the next one is opened at once, beside the old
 * one. The library's own reconnecting is off: it waits five seconds each time, and a failure in it would be an unhandled
 * rejection. https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export class SocketReceiver implements AsyncDisposable {
  readonly #ports: SocketReceiverPorts;
  readonly #closing = new AbortController();
  readonly #open = new Set<Connection>();
  #why = "not connected yet";
  #loop: Promise<void> = Promise.resolve();

  constructor(ports: SocketReceiverPorts) {
    this.#ports = ports;
  }

  readonly health = (): Health =>
    this.#open.size > 0 ? { ok: true, why: "" } : { ok: false, why: this.#why };

  /**
   * Resolves after the first attempt; if that failed, it goes on trying, and health says why. @throws when Slack
   * rejects the token.
   */
  async start(): Promise<void> {
    this.#ports.gapDetector.disconnected();
    let first: Connection | undefined;
    try {
      first = await this.#connect();
    } catch (error) {
      if (tokenRefusalIn(error) !== undefined) throw error;
      this.#fail(error, 1);
    }
    this.#loop = this.#keepConnected(first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("Closing"));
    this.#why = "closed";
    await this.#loop;
    await Promise.all(Array.from(this.#open, (connection) => connection.close()));
  }

  async #keepConnected(first: Connection | undefined): Promise<void> {
    const { signal } = this.#closing;
    let current = first;
    for (let failures = first === undefined ? 1 : 0; !signal.aborted;) {
      try {
        if (current !== undefined) await raceAbort(current.ending, signal);
        current = undefined;
        await this.#pause(failures);
        current = await this.#connect();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#fail(error, failures);
      }
    }
  }

  #fail(error: unknown, failures: number): void {
    const code = tokenRefusalIn(error);
    this.#why = `not connected (${code ?? "Slack can't be reached"})`;
    this.#ports.log.warn({ err: error, failures }, "no Socket Mode connection to Slack; trying again");
    if (code !== undefined) this.#ports.onRefused(code);
  }

  async #pause(failures: number): Promise<void> {
    if (failures === 0) return;
    await this.#ports.clock.sleep(retryDelayMs(failures, retryPace), this.#closing.signal);
  }

  async #connect(): Promise<Connection> {
    const receiver = this.#receiver();
    const { client } = receiver;
    const { promise: ending, resolve: end } = Promise.withResolvers<void>();
    const connection: Connection = { ending, close: () => close(receiver) };
    client.on("disconnected", () => {
      if (this.#open.delete(connection) && this.#open.size === 0) {
        this.#why = "the connection was lost";
        this.#ports.gapDetector.disconnected();
      }
      end();
    });
    this.#watchFrames(receiver, end);
    const started = receiver.start();
    try {
      const deadline = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(helloTimeoutMs)]);
      await raceAbort(started, deadline);
    } catch (error) {
      // Opening can't be cancelled: a connection that opens late is closed at once.
      started.then(() => close(receiver)).catch(() => undefined);
      await close(receiver);
      throw error;
    }
    this.#open.add(connection);
    this.#ports.gapDetector.connected();
    return connection;
  }

  #receiver(): SocketModeReceiver {
    const { appToken, logger, options, dispatcher } = this.#ports;
    const receiver = new SocketModeReceiver({
      appToken,
      ...(dispatcher === undefined ? {} : { dispatcher }),
      logger,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: { ...options } },
    });
    receiver.client.on("slack_event", (envelope: Envelope) => void this.#deliver(envelope));
    return receiver;
  }

  /** Acknowledges an envelope after it was stored. If it could not be stored, Slack delivers it again. Never rejects. */
  async #deliver({ body, ack }: Envelope): Promise<void> {
    try {
      await ack(await this.#ports.receive(body));
    } catch {
      // Ingress has logged the failure, and a closed connection can't be answered.
    }
  }

  /** Notices an announced end before it happens, and survives frames that the library can't parse. */
  #watchFrames({ client }: SocketModeReceiver, end: () => void): void {
    const listeners = client.listeners("ws_message");
    client.removeAllListeners("ws_message");
    client.on("ws_message", (data: unknown, isBinary: unknown) => {
      if (announcesEnd(data)) end();
      for (const listener of listeners) {
        Promise.resolve(listener(data, isBinary)).catch((error: unknown) =>
          this.#ports.log.warn({ err: error }, "a frame from Slack could not be parsed and was dropped"),
        );
      }
    });
  }
}

function announcesEnd(data: unknown): boolean {
  return (
    typeof data === "string" && data.length < 1_000 && /^\s*\{[^{]*"type"\s*:\s*"disconnect"/u.test(data)
  );
}

/** Closes a connection cleanly, or by force when Slack does not answer in time. */
async function close({ client }: SocketModeReceiver): Promise<void> {
  const closed = client.disconnect();
  const deadline = AbortSignal.timeout(closeTimeoutMs);
  await raceAbort(closed, deadline).catch(() => {
    // The second call no longer waits for Slack's side.
    void client.disconnect();
  });
}
