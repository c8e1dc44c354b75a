import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer } from "ws";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { PostId } from "../../domain/turn.ts";
import type { Health, Part } from "../../ports/part.ts";
import type { Platform, Post } from "../../ports/platform.ts";
import type { HttpServer } from "../../runtime/http-server.ts";
import { Assets } from "./assets.ts";
import { ChatServer, type ChatPorts } from "./chat-server.ts";
import { Connection } from "./connection.ts";
import { ConversationViews } from "./conversation-view.ts";
import { Gate } from "./gate.ts";
import { Identities, type Identity } from "./identity.ts";
import { addPageRoutes } from "./page-routes.ts";
import { keyFor } from "./to-inbound.ts";

const mostFrameBytes = 1024 * 1024;

export interface WebOptions extends ChatPorts {
  readonly settings: {
    /** WEB_TOKEN. */
    readonly token?: string;
    readonly dataDir: string;
  };
  readonly http: HttpServer;
}

/** Hangs the web chat on the HTTP server: its page at `/`, its WebSocket at `/chat`. */
export async function openWeb(options: WebOptions): Promise<WebPlatform> {
  return new WebPlatform(options);
}

/** Our own chat, in the browser. A reply is one post that grows; pages get the bits. */
export class WebPlatform implements Platform, Part {
  readonly name = "web";
  readonly limits = { postChars: 1_000_000, writeIntervalMs: 40 };
  readonly #views = new ConversationViews();
  readonly #chat: ChatServer;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: mostFrameBytes,
    clientTracking: false,
  });
  readonly #users = new WeakMap<IncomingMessage, string>();
  readonly #gate: Gate;
  readonly #identities: Identities;
  readonly #options: WebOptions;

  constructor(options: WebOptions) {
    const { settings, http, ids } = options;
    this.#options = options;
    this.#gate = new Gate(settings.token, options.clock);
    this.#identities = new Identities(settings.dataDir, settings.token);
    this.#chat = new ChatServer(options, this.#views);
    const assets = new Assets();
    addPageRoutes(http, { gate: this.#gate, identities: this.#identities, assets, ids });
    this.#sockets.on("headers", (headers, request) => {
      const user = this.#users.get(request);
      if (user !== undefined) headers.push(`set-cookie: ${this.#identities.cookieFor(user, request)}`);
    });
    http.upgrade("/chat", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  health(): Health {
    return { ok: true, why: "" };
  }

  readonly createPost = async (to: ReplyAddress, post: Post): Promise<PostId> => {
    await this.#write(to, post);
    return post.turn;
  };

  readonly editPost = async (to: ReplyAddress, _id: PostId, post: Post): Promise<void> => {
    await this.#write(to, post);
  };

  readonly deletePost = async (to: ReplyAddress): Promise<void> => {
    const { user, conversation, key } = read(to);
    this.#views.finish(key, []);
    await this.#chat.showHistory(user, conversation);
  };

  /** A page that was told twice shows it once: creating again is harmless. */
  readonly findPost = async (): Promise<undefined> => undefined;

  readonly tell = async (to: ReplyAddress, texts: readonly string[]): Promise<void> => {
    const { user, conversation } = read(to);
    for (const text of texts) this.#chat.show(user, { type: "notice", conversation, text });
  };

  readonly turnFinished: NonNullable<Platform["turnFinished"]> = (to, { turn, text, covers }) => {
    const { user, conversation, key } = read(to);
    const isKnown = this.#views.finish(key, covers);
    // A command leaves no reply, and perhaps another history: a new chapter. After a restart, pages lack the question.
    if (text !== "") this.#chat.show(user, { type: "done", conversation, turn, text, covers });
    if (text === "" || !isKnown) void this.#chat.showHistory(user, conversation);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sockets.close();
    await Promise.all(this.#chat.connections.map((each) => each.end(1001, "the server is stopping")));
  }

  /** Pages get what is new. Where the text is not what they have and more, a history voids that, and all of it follows. */
  async #write(to: ReplyAddress, { turn, text }: Post): Promise<void> {
    const { user, conversation, key } = read(to);
    const shown = this.#views.running(key);
    this.#views.setRunning(key, { turn, text });
    if (shown !== undefined && (shown.turn !== turn || !text.startsWith(shown.text))) {
      await this.#chat.showHistory(user, conversation);
      return;
    }
    const piece = text.slice(shown?.text.length ?? 0);
    if (piece !== "") this.#chat.show(user, { type: "piece", conversation, turn, text: piece });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Nobody else listens to it any more: a caller who hangs up must not end the process.
    socket.on("error", () => socket.destroy());
    const known = this.#identities.read(request);
    const refusal = this.#refusalOf(request, known);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\n\r\n`);
      return;
    }
    const user = known?.user ?? this.#options.ids.turn();
    this.#users.set(request, user);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#chat.welcome(new Connection(webSocket, user, this.#chat));
    });
  }

  /** The status of the answer to a caller who may not come in. */
  #refusalOf(request: IncomingMessage, known: Identity | undefined): string | undefined {
    const gate = this.#gate;
    if (!gate.isSameOrigin(request)) return "403 Forbidden";
    if (!gate.needsToken) return gate.isHere(request) ? undefined : "403 Forbidden";
    if (known?.isAdmitted === true) return undefined;
    const guess = gate.judgeBearer(request);
    if (guess === "right") return undefined;
    return guess === "wrong" ? "401 Unauthorized" : "429 Too Many Requests";
  }
}

function read(to: ReplyAddress): {
  readonly user: string;
  readonly conversation: string;
  readonly key: ConversationKey;
} {
  const { user = "", conversation = "" } = to.target;
  return { user, conversation, key: keyFor(user, conversation) };
}
