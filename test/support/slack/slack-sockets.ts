import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer, type WebSocket } from "ws";

import type { SlackDelivery, SlackReceipt } from "./slack-deliveries.ts";

interface Pending {
  readonly socket: WebSocket;
  readonly settle: (receipt: SlackReceipt) => void;
}

/** Socket Mode: several connections may be open, and each envelope goes to one of them. */
export class SlackSockets {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #open: WebSocket[] = [];
  readonly #pending = new Map<string, Pending>();
  readonly #tickets = new Set<string>();
  #turn = 0;
  #count = 0;
  /** Off: connections open without a hello. */
  saysHello = true;
  /** Origin of the socket URLs, `https://…`. Empty: this server. */
  origin = "";
  /** How long an acknowledgement is awaited. */
  ackWithinMs: number;
  /** Number of envelopes per connection, in the order of opening. */
  readonly envelopes: number[] = [];

  constructor(ackWithinMs: number) {
    this.ackWithinMs = ackWithinMs;
  }

  get count(): number {
    return this.#open.length;
  }

  /** A URL for one connection. */
  ticket(origin: string): string {
    this.#count += 1;
    const ticket = `ticket-${this.#count}`;
    this.#tickets.add(ticket);
    return `${(this.origin || origin).replace("http", "ws")}/link/?ticket=${ticket}`;
  }

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const ticket = new URL(request.url ?? "/", "http://stand-in").searchParams.get("ticket") ?? "";
    if (!this.#tickets.delete(ticket)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#welcome(connection));
  };

  readonly deliver = async (delivery: SlackDelivery): Promise<SlackReceipt> => {
    const socket = this.#next();
    if (socket === undefined) return { isAcked: false, reason: "connection_failed" };
    this.#count += 1;
    const id = `envelope-${this.#count}`;
    const { promise, resolve } = Promise.withResolvers<SlackReceipt>();
    const timeout = setTimeout(() => settle({ isAcked: false, reason: "timeout" }), this.ackWithinMs);
    const settle = (receipt: SlackReceipt): void => {
      clearTimeout(timeout);
      this.#pending.delete(id);
      resolve(receipt);
    };
    this.#pending.set(id, { socket, settle });
    const isEvent = delivery.type === "events_api";
    socket.send(
      JSON.stringify({
        envelope_id: id,
        type: delivery.type,
        payload: delivery.body,
        accepts_response_payload: !isEvent,
        ...(isEvent ? { retry_attempt: delivery.retry, retry_reason: delivery.retryReason ?? "" } : {}),
      }),
    );
    return promise;
  };

  /** Sends any text to every connection. */
  sendRaw(text: string): void {
    for (const socket of this.#open) socket.send(text);
  }

  /** Announces the end of every open connection, as Slack does several times a day. */
  announceEnd(reason: "warning" | "refresh_requested" | "link_disabled"): void {
    for (const socket of this.#open) {
      socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "stand-in" } }));
    }
  }

  /** Cuts every connection without an announcement. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #welcome(socket: WebSocket): void {
    const index = this.envelopes.push(0) - 1;
    Object.assign(socket, { index });
    this.#open.push(socket);
    socket.on("message", (data: Buffer) => this.#hear(data.toString()));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.#forget(socket));
    if (!this.saysHello) return;
    const hello = {
      type: "hello",
      num_connections: this.#open.length,
      connection_info: { app_id: "ASTANDIN" },
    };
    socket.send(JSON.stringify(hello));
  }

  #next(): WebSocket | undefined {
    const ready = this.#open.filter((socket) => socket.readyState === socket.OPEN);
    this.#turn += 1;
    const socket = ready[this.#turn % Math.max(1, ready.length)];
    if (socket !== undefined && "index" in socket) {
      const index = Number(socket.index);
      this.envelopes[index] = (this.envelopes[index] ?? 0) + 1;
    }
    return socket;
  }

  #hear(text: string): void {
    const { envelope_id: id, payload } = { ...JSON.parse(text) };
    this.#pending.get(String(id))?.settle({ isAcked: true, answer: payload });
  }

  #forget(socket: WebSocket): void {
    const at = this.#open.indexOf(socket);
    if (at >= 0) this.#open.splice(at, 1);
    for (const pending of this.#pending.values()) {
      if (pending.socket === socket) pending.settle({ isAcked: false, reason: "connection_failed" });
    }
  }
}
