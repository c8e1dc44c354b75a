import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer } from "ws";

import type { ReplyAddress } from "../../domain/reply-address.ts";
import { messageIdOf, type PostId } from "../../domain/turn.ts";
import type { Health, Part } from "../../ports/part.ts";
import type { Platform, Post } from "../../ports/platform.ts";
import type { HttpServer } from "../../runtime/http-server.ts";
import { refuseUpgrade } from "../../runtime/refuse-upgrade.ts";
import { Assets } from "./assets.ts";
import { ChatServer, type ChatPorts } from "./chat-server.ts";
import { Connection } from "./connection.ts";
import { ConversationViews } from "./conversation-view.ts";
import { FileDesk } from "./file-desk.ts";
import { Gate } from "./gate.ts";
import { HistoryReader } from "./history-reader.ts";
import { Identities, type Identity } from "./identity.ts";
import { addPageRoutes } from "./page-routes.ts";
import { Newsroom } from "./newsroom.ts";
import { Pages } from "./pages.ts";
import { placeOfPost, postIdOf } from "./post-ids.ts";
import { permalinkTo } from "./permalink.ts";
import { Refusals } from "./refusals.ts";
import { Titles } from "./titles.ts";
import { placeOf, type WebPlace } from "./to-inbound.ts";

const mostFrameBytes = 1024 * 1024;

export interface WebOptions extends ChatPorts {
  readonly settings: {
    /** WEB_TOKEN. */
    readonly token?: string;
    /** Signs the cookies by which people are known; 32 bytes, the same on all replicas. */
    readonly cookieKey: Uint8Array;
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
  readonly #pages: Pages;
  readonly #newsroom: Newsroom;
  readonly #files: FileDesk;
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
    this.#identities = new Identities(settings.cookieKey, settings.token);
    const views = new ConversationViews();
    const refusals = new Refusals(options);
    const history = new HistoryReader({ ...options, views });
    this.#pages = new Pages({ history, views, refusals });
    const titles = new Titles({ ...options, pages: this.#pages });
    this.#newsroom = new Newsroom({ ...options, views, titles, pages: this.#pages });
    this.#files = new FileDesk({ ...options, pages: this.#pages });
    this.#chat = new ChatServer(options, { pages: this.#pages, newsroom: this.#newsroom, refusals });
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

  readonly createPost = async (to: ReplyAddress, { turn, text }: Post): Promise<PostId> => {
    const place = placeIn(to);
    this.#newsroom.write(place, turn, text);
    return postIdOf(place, turn);
  };

  readonly editPost = async (to: ReplyAddress, _id: PostId, { turn, text }: Post): Promise<void> => {
    this.#newsroom.write(placeIn(to), turn, text);
  };

  readonly deletePost = async (to: ReplyAddress, id: PostId): Promise<void> => {
    const turn = messageIdOf(id);
    // Only what is being written has an address; what was finished long ago is found by its id.
    if (to.target["conversation"] !== undefined) this.#newsroom.withdraw(placeIn(to), turn);
    else {
      const place = placeOfPost(id);
      // Where it is was not written down once: pages follow when memory has changed.
      if (place !== undefined) this.#newsroom.takeBack(place, turn);
    }
  };

  /** A page that was told twice shows it once: creating again is harmless. */
  readonly findPost = async (): Promise<undefined> => undefined;

  readonly permalinkOf: NonNullable<Platform["permalinkOf"]> = (conversation, post) =>
    permalinkTo(placeOf(conversation), messageIdOf(post));

  readonly tell = async (to: ReplyAddress, texts: readonly string[]): Promise<void> => {
    for (const text of texts) this.#newsroom.tell({ kind: "noticed", ...placeIn(to), text });
  };

  /** A person's place is read by that person alone. */
  readonly readable: NonNullable<Platform["readable"]> = async (readers, places) =>
    places.filter((place) => place === readers.place);

  /** Everybody has only conversations of their own. */
  readonly may: NonNullable<Platform["may"]> = async (person, _right, { place }) => person === place;

  readonly memoryChanged: NonNullable<Platform["memoryChanged"]> = ({ conversation }) => {
    this.#newsroom.revise(conversation);
  };

  readonly giveFiles: NonNullable<Platform["giveFiles"]> = async (to, { text, files }) => {
    const place = placeIn(to);
    this.#newsroom.tell({ kind: "noticed", ...place, text });
    for (const file of files) this.#files.give(place, file);
  };

  readonly turnFinished: NonNullable<Platform["turnFinished"]> = (to, { turn, text, covers }) => {
    this.#newsroom.finish(placeIn(to), turn, text, covers);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sockets.close();
    await Promise.all(this.#pages.all.map((each) => each.end(1001, "the server is stopping")));
    this.#files[Symbol.dispose]();
    this.#newsroom[Symbol.dispose]();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const known = this.#identities.read(request);
    const refusal = this.#refusalOf(request, known);
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal, "This chat is not open to you.");
      return;
    }
    const user = known?.user ?? this.#options.ids.turn();
    this.#users.set(request, user);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const page = this.#options.ids.turn();
      this.#chat.welcome(new Connection(webSocket, { user, page }, this.#chat));
    });
  }

  /** The status of the answer to a caller who may not come in. */
  #refusalOf(request: IncomingMessage, known: Identity | undefined): number | undefined {
    const gate = this.#gate;
    if (!gate.isSameOrigin(request)) return 403;
    if (!gate.needsToken) return gate.isHere(request) ? undefined : 403;
    if (known?.isAdmitted === true) return undefined;
    const guess = gate.judgeBearer(request);
    if (guess === "right") return undefined;
    return guess === "wrong" ? 401 : 429;
  }
}

function placeIn({ target: { user = "", conversation = "" } }: ReplyAddress): WebPlace {
  return { user, conversation };
}
