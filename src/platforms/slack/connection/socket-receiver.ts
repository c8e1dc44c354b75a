import { SocketModeReceiver, type App, type Logger } from "@slack/bolt";
import type { WebClientOptions } from "@slack/web-api";
import type { Dispatcher } from "undici";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import type { GapDetector } from "./gap-detector.ts";
import { unlessAborted } from "../api/slack-api.ts";
import { refusalIn } from "../api/slack-errors.ts";

export interface SocketReceiverPorts {
  readonly app: App;
  readonly appToken: string;
  readonly logger: Logger;
  readonly options: WebClientOptions;
  /** Where there is no direct way to Slack. */
  readonly dispatcher?: Dispatcher;
  readonly clock: Clock;
  readonly log: Log;
  readonly hearing: GapDetector;
  /** While running; Slack's own code. */
  readonly onRefused: (code: string) => void;
}

/** One connection, from its hello to its end. */
interface Connection {
  /** Resolves when Slack is about to end it or it has ended: time for the next one. */
  readonly ending: Promise<void>;
  readonly close: () => Promise<void>;
}

const helloWithinMs = 15_000;
const longestPauseMs = 30_000;
const closeWithinMs = 2_000;

/**
 * Socket Mode without a gap: when Slack announces the end of a connection, the next one is opened at once, beside the
 * old one. The library's own reconnecting is off: it waits five seconds each time, and a failure in it
 * would be an unhandled rejection.
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

  /** Resolves when connected, or when that will take a while: see health. @throws when Slack refuses the token. */
  async start(): Promise<void> {
    this.#ports.hearing.lost();
    let first: Connection | undefined;
    try {
      first = await this.#connect();
    } catch (error) {
      if (refusalIn(error) !== undefined) throw error;
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
        if (current !== undefined) await unlessAborted(current.ending, signal);
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
    const code = refusalIn(error);
    this.#why = `not connected (${code ?? "Slack can't be reached"})`;
    this.#ports.log.warn({ err: error, failures }, "Slack's socket could not be opened");
    if (code !== undefined) this.#ports.onRefused(code);
  }

  async #pause(failures: number): Promise<void> {
    if (failures === 0) return;
    const growingMs = Math.min(longestPauseMs, 250 * 2 ** failures);
    await this.#ports.clock.sleep(growingMs * (0.5 + Math.random() / 2), this.#closing.signal);
  }

  async #connect(): Promise<Connection> {
    const receiver = this.#receiver();
    const { client } = receiver;
    const { promise: ending, resolve: end } = Promise.withResolvers<void>();
    const connection: Connection = { ending, close: () => close(receiver) };
    client.on("disconnected", () => {
      if (this.#open.delete(connection) && this.#open.size === 0) {
        this.#why = "the connection was lost";
        this.#ports.hearing.lost();
      }
      end();
    });
    this.#guard(receiver, end);
    const started = receiver.start();
    try {
      const deadline = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(helloWithinMs)]);
      await unlessAborted(started, deadline);
    } catch (error) {
      // It can't be called off: what opens after all is closed then.
      started.then(() => close(receiver)).catch(() => undefined);
      await close(receiver);
      throw error;
    }
    this.#open.add(connection);
    this.#ports.hearing.regained();
    return connection;
  }

  #receiver(): SocketModeReceiver {
    const { app, appToken, logger, options, dispatcher } = this.#ports;
    const receiver = new SocketModeReceiver({
      appToken,
      ...(dispatcher === undefined ? {} : { dispatcher }),
      logger,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: { ...options } },
      // Not stored: no acknowledgement, and Slack delivers again.
      processEventErrorHandler: async () => false,
    });
    receiver.init(app);
    return receiver;
  }

  /** Hears of an end before it comes, and survives frames that the library can't read. */
  #guard({ client }: SocketModeReceiver, end: () => void): void {
    const listeners = client.listeners("ws_message");
    client.removeAllListeners("ws_message");
    client.on("ws_message", (data: unknown, isBinary: unknown) => {
      if (announcesEnd(data)) end();
      for (const listener of listeners) {
        Promise.resolve(listener(data, isBinary)).catch((error: unknown) =>
          this.#ports.log.warn({ err: error }, "a frame from Slack could not be read"),
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

/** Ends a connection in good order, and without Slack's help when that takes too long. */
async function close({ client }: SocketModeReceiver): Promise<void> {
  const closed = client.disconnect();
  const deadline = AbortSignal.timeout(closeWithinMs);
  await unlessAborted(closed, deadline).catch(() => {
    // Asked a second time, the library no longer waits for the other side.
    void client.disconnect();
  });
}
