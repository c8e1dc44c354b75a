import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer } from "ws";

import type { Offer } from "../../domain/offer.ts";
import { isTimeZone, type TimeZone } from "../../domain/time-zone.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Health, Component } from "../../ports/component.ts";
import type { Platform, Post } from "../../ports/platform.ts";
import { isOnThisMachine } from "../../runtime/http/callers.ts";
import type { HttpServer } from "../../runtime/http/http-server.ts";
import type { Proxies } from "../../runtime/http/proxies.ts";
import { refuseUpgrade } from "../../runtime/http/refuse-upgrade.ts";
import type { TokenCheck } from "../../runtime/http/token-check.ts";
import { admissionOf, type Admission } from "./access/admission.ts";
import { Assets } from "./http/assets.ts";
import { ChatServer, type ChatPorts } from "./chat-server.ts";
import { Connection } from "./connection/connection.ts";
import { ConversationViews } from "./history/conversation-view.ts";
import { Downloads } from "./outbound/downloads.ts";
import { AccessControl, type GateRefusal } from "./access/access-control.ts";
import { HistoryReader } from "./history/history-reader.ts";
import { Identities } from "./access/identity.ts";
import { addPageRoutes } from "./http/page-routes.ts";
import { LiveUpdates } from "./outbound/live-updates.ts";
import { PageConnections } from "./outbound/page-connections.ts";
import { placeOfPost, postIdOf } from "./wire/post-id.ts";
import { permalinkTo } from "./wire/permalink.ts";
import { ErrorFrames } from "./connection/error-frames.ts";
import { SignOuts } from "./outbound/sign-outs.ts";
import { SocketLimits } from "./connection/socket-limits.ts";
import { Titles } from "./outbound/titles.ts";
import { WaitingQuestions } from "./inbound/waiting-questions.ts";
import { type WebPlace, placeOf } from "./wire/keys.ts";
import { type PostId, messageIdOf } from "../../domain/message.ts";

/** A promise: a frame beyond it closes with 1009. The longest text takes 600,000 bytes where each character is escaped. */
const mostFrameBytes = 1024 * 1024;

export interface WebOptions extends ChatPorts {
  readonly settings: {
    /** Signs the cookies by which people are known; 32 bytes, the same on all replicas. */
    readonly cookieKey: Uint8Array;
    /** Others can reach the port, and there is no token: nobody gets in. */
    readonly isClosed?: boolean;
    /** What may be said and ordered from one address in a day. 0, and missing: anything. */
    readonly addressTurns?: number;
  };
  readonly http: HttpServer;
  /** WEB_TOKEN. */
  readonly door: TokenCheck;
  readonly proxies: Proxies;
  /** See Gate. */
  readonly publicUrl?: string | undefined;
}

/** Hangs the web chat on the HTTP server: its page at `/`, its WebSocket at `/chat`. */
export async function openWeb(options: WebOptions): Promise<WebPlatform> {
  return new WebPlatform(options);
}

/** Our own chat, in the browser. A reply is one post that grows; pages get the bits. */
export class WebPlatform implements Platform, Component {
  readonly name = "web";
  readonly isOurPage = true;
  readonly limits = { postChars: 1_000_000, writeIntervalMs: 40 };
  readonly #pages: PageConnections;
  readonly #newsroom: LiveUpdates;
  readonly #files: Downloads;
  readonly #chat: ChatServer;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: mostFrameBytes,
    // Pieces are no frames yet, and are counted only by their bytes.
    maxFragments: 256,
    maxBufferedChunks: 16_384,
    // Answered as far as they are within the limits.
    autoPong: false,
    clientTracking: false,
  });
  readonly #limits = new SocketLimits();
  readonly #admissions = new WeakMap<IncomingMessage, Admission>();
  readonly #gate: AccessControl;
  readonly #signOuts: SignOuts;
  readonly #identities: Identities;
  readonly #options: WebOptions;

  constructor(options: WebOptions) {
    const { settings, http, ids } = options;
    this.#options = options;
    this.#gate = new AccessControl({ ...options, isClosed: settings.isClosed === true });
    this.#identities = new Identities(settings.cookieKey, options.door.tokens);
    const views = new ConversationViews();
    const refusals = new ErrorFrames(options);
    const history = new HistoryReader({ ...options, views });
    this.#pages = new PageConnections({ history, views, refusals });
    const titles = new Titles({ ...options, pages: this.#pages });
    this.#newsroom = new LiveUpdates({ ...options, views, titles, pages: this.#pages });
    this.#files = new Downloads({ ...options, pages: this.#pages });
    const chat = {
      ...options,
      hasSignOut: options.door.needsToken,
      addressTurns: settings.addressTurns ?? 0,
    };
    const waiting = new WaitingQuestions({ ...options, views });
    this.#chat = new ChatServer(chat, { pages: this.#pages, newsroom: this.#newsroom, refusals, waiting });
    const assets = new Assets();
    const signOuts = new SignOuts(options.broadcast, this.#pages);
    this.#signOuts = signOuts;
    addPageRoutes(http, {
      gate: this.#gate,
      identities: this.#identities,
      assets,
      ids,
      onSignOut: signOuts.tell,
      refusalOf: (request) => refusalIn(this.#admissionOf(request)),
    });
    this.#sockets.on("headers", (headers, request) => {
      const admission = this.#admissions.get(request);
      if (admission === undefined) return;
      const { user, admittedBy } = admission;
      headers.push(`set-cookie: ${this.#identities.cookieFor(user, admittedBy, request)}`);
    });
    http.upgrade("/chat", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  health(): Health {
    return { ok: true, why: "" };
  }

  readonly createPost = async (to: ReplyAddress, post: Post): Promise<PostId> => {
    const place = placeIn(to);
    this.#newsroom.write(place, post);
    return postIdOf(place, post.turn);
  };

  /** An answer that is given again is the reply of its first turn. */
  readonly editPost = async (to: ReplyAddress, id: PostId, { text, covers }: Post): Promise<void> => {
    this.#newsroom.write(placeIn(to), { turn: messageIdOf(id), text, covers });
  };

  readonly deletePost = async (to: ReplyAddress, id: PostId): Promise<void> => {
    const turn = messageIdOf(id);
    // Only what is being written has an address; what was finished long ago is found by its id.
    if (to.target["conversation"] !== undefined) this.#newsroom.withdraw(placeIn(to), turn);
    else {
      const place = placeOfPost(id);
      // Where it is was not written down once: pages follow when memory has changed.
      if (place !== undefined) this.#newsroom.postsToRetract(place, turn);
    }
  };

  /** A page that was told twice shows it once: creating again is harmless. */
  readonly findPost = async (): Promise<undefined> => undefined;

  readonly permalinkOf: NonNullable<Platform["permalinkOf"]> = (conversation, post) =>
    permalinkTo(placeOf(conversation), messageIdOf(post));

  readonly tell = async (
    to: ReplyAddress,
    texts: readonly string[],
    _signal?: AbortSignal,
    offer?: Offer,
  ): Promise<void> => {
    for (const [index, text] of texts.entries()) {
      const isLast = index === texts.length - 1;
      const buttons =
        offer !== undefined && isLast ? { offer: { id: offer.id, choices: [...offer.choices] } } : {};
      this.#newsroom.tell({ kind: "noticed", ...placeIn(to), text, ...buttons });
    }
  };

  /** Everybody has only conversations of their own. */
  readonly may: NonNullable<Platform["may"]> = async (person, _right, { place }) => person === place;

  readonly memoryChanged: NonNullable<Platform["memoryChanged"]> = ({ conversation }) => {
    this.#newsroom.revise(conversation);
  };

  readonly titleChanged: NonNullable<Platform["titleChanged"]> = ({ conversation }) => {
    this.#newsroom.tell({ kind: "retitled", ...placeOf(conversation) });
  };

  readonly giveFiles: NonNullable<Platform["giveFiles"]> = async (to, { text, files }) => {
    const place = placeIn(to);
    this.#newsroom.tell({ kind: "noticed", ...place, text });
    for (const file of files) this.#files.give(place, file);
  };

  readonly showWorking: NonNullable<Platform["showWorking"]> = async (to) => {
    this.#newsroom.tell({ kind: "working", ...placeIn(to) });
  };

  readonly showLookingUp: NonNullable<Platform["showLookingUp"]> = (to, words) => {
    this.#newsroom.tell({ kind: "working", ...placeIn(to), words });
  };

  readonly turnFinished: NonNullable<Platform["turnFinished"]> = (to, { turn, text, covers }) => {
    this.#newsroom.finish(placeIn(to), turn, text, covers);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sockets.close();
    await Promise.all(this.#pages.all.map((each) => each.end(1001, "the server is stopping")));
    this.#files[Symbol.dispose]();
    this.#signOuts[Symbol.dispose]();
    this.#newsroom[Symbol.dispose]();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const admission = this.#admissionOf(request);
    if ("cause" in admission) {
      refuseUpgrade(socket, admission.status, admission.text);
      return;
    }
    const { user } = admission;
    const address = this.#countedAddress(request);
    const lane = this.#limits.enter({ user, address });
    if (lane === undefined) {
      const { status, text } = this.#gate.refuse("too-many-sockets", request);
      refuseUpgrade(socket, status, text);
      return;
    }
    socket.once("close", () => lane.leave());
    this.#admissions.set(request, admission);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { clock, ids } = this.#options;
      const parts = { socket: webSocket, wire: socket, lane, clock };
      const who = { user, page: ids.turn(), address, timeZone: zoneIn(request) };
      this.#chat.welcome(new Connection(parts, who, this.#chat));
    });
  }

  /** All of those on this machine have one address, and are not held to what one caller may have. */
  #countedAddress(request: IncomingMessage): string | undefined {
    return isOnThisMachine(request) ? undefined : this.#options.proxies.addressOf(request);
  }

  #admissionOf(request: IncomingMessage): Admission | GateRefusal {
    return admissionOf(request, { gate: this.#gate, identities: this.#identities, ids: this.#options.ids });
  }
}

function refusalIn(admission: Admission | GateRefusal): GateRefusal | undefined {
  return "cause" in admission ? admission : undefined;
}

/** What the page's address says. Anybody may write anything there. */
function zoneIn({ url = "" }: IncomingMessage): TimeZone | undefined {
  const zone = new URLSearchParams(url.split("?")[1] ?? "").get("zone") ?? "";
  return isTimeZone(zone) ? zone : undefined;
}

function placeIn({ target: { user = "", conversation = "" } }: ReplyAddress): WebPlace {
  return { user, conversation };
}
