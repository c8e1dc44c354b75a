import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer, type WebSocket } from "ws";

import { guildPayload, userPayload } from "./payloads.ts";
import { withoutContent } from "./without-content.ts";
import type { World } from "./world.ts";

interface Dispatch {
  readonly t: string;
  readonly d: unknown;
  readonly s: number;
}

interface Session {
  readonly id: string;
  readonly intents: number;
  /** Its number, and how many there are. */
  readonly shard: readonly [number, number];
  readonly sent: Dispatch[];
  socket: WebSocket | undefined;
}

interface Frame {
  readonly op: number;
  readonly d?: unknown;
}

const neededIntent: Readonly<Record<string, { readonly guild: number; readonly direct: number }>> = {
  MESSAGE: { guild: 1 << 9, direct: 1 << 12 },
  MESSAGE_REACTION: { guild: 1 << 10, direct: 1 << 13 },
};
const messageContent = 1 << 15;

/** The gateway: sessions that can be resumed, events in order, and every way in which Discord hangs up. */
export class GatewayServer {
  readonly #world: World;
  readonly #token: () => string;
  readonly #sessions = new Map<string, Session>();
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** Every frame that clients sent. */
  readonly received: Frame[] = [];
  /** Where clients find it; known when the server listens. */
  url = "";
  isContentAllowed = true;
  refusesTokens = false;
  isRefusing = false;
  /** As many as /gateway/bot advises. */
  shards = 1;
  /** Resuming finds no session any more. */
  forgetsSessions = false;
  heartbeatMs = 41_250;
  readonly #mute = new WeakSet<WebSocket>();

  constructor(world: World, token: () => string) {
    this.#world = world;
    this.#token = token;
  }

  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (this.isRefusing) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#serve(accepted));
    });
  }

  /** Sends an event to every session that asked for its kind; who is away gets it when it resumes. */
  dispatch(t: string, d: Record<string, unknown>): void {
    for (const session of this.#sessions.values()) {
      const needed =
        neededIntent[t.startsWith("MESSAGE_REACTION") ? "MESSAGE_REACTION" : (t.split("_")[0] ?? "")];
      const intent = d["guild_id"] === undefined ? needed?.direct : needed?.guild;
      if (intent !== undefined && (session.intents & intent) === 0) continue;
      if (!hears(session, d["guild_id"])) continue;
      const dispatch = { t, d: this.#visibleTo(session, t, d), s: session.sent.length + 1 };
      session.sent.push(dispatch);
      if (session.socket !== undefined) this.#send(session.socket, { op: 0, ...dispatch });
    }
  }

  get connections(): number {
    return this.#sockets.clients.size;
  }

  close(code: number): void {
    for (const socket of this.#sockets.clients) socket.close(code);
  }

  /** As a cable that is cut: of one shard, or of all. */
  cut(shard?: number): void {
    for (const {
      socket,
      shard: [id],
    } of this.#sessions.values()) {
      if (shard === undefined || shard === id) socket?.terminate();
    }
  }

  /** The connections that are open now stay open, and say nothing more. */
  mute(): void {
    for (const socket of this.#sockets.clients) this.#mute.add(socket);
  }

  /** Op 7. */
  askToReconnect(): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify({ op: 7, d: null }));
  }

  stop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #serve(socket: WebSocket): void {
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: this.heartbeatMs } }));
    socket.on("message", (bytes: Buffer) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what else it may be fails the test
      const frame = JSON.parse(bytes.toString()) as Frame;
      this.received.push(frame);
      this.#take(socket, frame);
    });
    socket.on("close", (code) => {
      for (const session of this.#sessions.values()) {
        if (session.socket !== socket) continue;
        session.socket = undefined;
        if (code === 1000 || code === 1001) this.#sessions.delete(session.id);
      }
    });
  }

  #take(socket: WebSocket, { op, d }: Frame): void {
    if (op === 1) this.#send(socket, { op: 11 });
    if (op === 2) this.#identify(socket, fields(d));
    if (op === 6) this.#resume(socket, fields(d));
  }

  #identify(socket: WebSocket, { token, intents, shard }: Record<string, unknown>): void {
    if (this.refusesTokens || token !== this.#token()) return socket.close(4004, "Authentication failed.");
    const wanted = Number(intents);
    if (!this.isContentAllowed && (wanted & messageContent) !== 0)
      return socket.close(4014, "Disallowed intents.");
    const session: Session = {
      id: this.#world.ids.next(),
      intents: wanted,
      shard: shardOf(shard),
      sent: [],
      socket,
    };
    const guilds = this.#world.guilds.filter((guild) => hears(session, guild));
    this.#sessions.set(session.id, session);
    const send = (t: string, data: unknown) => {
      const dispatch = { t, d: data, s: session.sent.length + 1 };
      session.sent.push(dispatch);
      socket.send(JSON.stringify({ op: 0, ...dispatch }));
    };
    send("READY", {
      v: 10,
      user: userPayload(this.#world.bot),
      guilds: guilds.map((id) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.url,
      application: { id: this.#world.application, flags: 0 },
      shard: session.shard,
    });
    for (const guild of guilds) send("GUILD_CREATE", guildPayload(this.#world, guild));
  }

  #send(socket: WebSocket, frame: object): void {
    if (!this.#mute.has(socket)) socket.send(JSON.stringify(frame));
  }

  #resume(socket: WebSocket, { session_id: id, seq }: Record<string, unknown>): void {
    const session = this.#sessions.get(String(id));
    if (session === undefined || this.forgetsSessions) {
      this.#sessions.delete(String(id));
      socket.send(JSON.stringify({ op: 9, d: false }));
      return;
    }
    session.socket = socket;
    for (const missed of session.sent.filter(({ s }) => s > Number(seq))) {
      socket.send(JSON.stringify({ op: 0, ...missed }));
    }
    const resumed = { t: "RESUMED", d: {}, s: session.sent.length + 1 };
    session.sent.push(resumed);
    socket.send(JSON.stringify({ op: 0, ...resumed }));
  }

  #visibleTo(session: Session, t: string, d: Record<string, unknown>): unknown {
    const isLimited = (session.intents & messageContent) === 0;
    return isLimited && t.startsWith("MESSAGE_") ? withoutContent(this.#world, d) : d;
  }
}

/** https://discord.com/developers/docs/events/gateway#sharding: DMs go to the first shard. */
function hears({ shard: [id, count] }: Session, guild: unknown): boolean {
  return Number((BigInt(typeof guild === "string" ? guild : 0) >> 22n) % BigInt(count)) === id;
}

function shardOf(shard: unknown): readonly [number, number] {
  const [id, count]: readonly unknown[] = Array.isArray(shard) ? shard : [];
  return [Number(id ?? 0), Number(count ?? 1)];
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
