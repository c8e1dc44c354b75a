import { valueOfChoice, type Offer } from "../../domain/offer.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Health, Component } from "../../ports/component.ts";
import type { PostLimits } from "../../ports/platform-posts.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Post } from "../../domain/post.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { HttpServer } from "../../runtime/http/http-server.ts";
import { GrowthPace } from "../../runtime/rate/growth-pace.ts";
import type { Proxies } from "../../runtime/http/proxies.ts";
import type { TokenCheck } from "../../runtime/http/token-check.ts";
import { Assets } from "./http/assets.ts";
import { ChatServer, type ChatPorts } from "./chat-server.ts";
import type { Connection } from "./connection/connection.ts";
import { Downloads } from "./files/downloads.ts";
import { addFileRoutes, urlOfFile } from "./files/file-routes.ts";
import { UploadAllowance } from "./files/upload-allowance.ts";
import { addUploadRoutes } from "./files/upload-routes.ts";
import { Uploads } from "./files/uploads.ts";
import { shownImages } from "./files/made-images.ts";
import { AccessControl } from "./access/access-control.ts";
import { HistoryReader } from "./history/history-reader.ts";
import { Identities } from "./access/identity.ts";
import { addPageRoutes } from "./http/page-routes.ts";
import { LiveUpdates } from "./outbound/live-updates.ts";
import { PageConnections } from "./outbound/page-connections.ts";
import { finishedButtons } from "./wire/reply-buttons.ts";
import { placeOfPost, postIdOf } from "./wire/post-id.ts";
import { permalinkTo } from "./wire/permalink.ts";
import { ErrorFrames } from "./connection/error-frames.ts";
import { SignOuts } from "./outbound/sign-outs.ts";
import { Titles } from "./outbound/titles.ts";
import { RunningConversations } from "./outbound/running-conversations.ts";
import { type WebPlace, placeOf } from "./wire/keys.ts";
import { type MessageId, type PostId, messageIdOf } from "../../domain/message.ts";
import { ChatUpgrades } from "./http/chat-upgrades.ts";

export interface WebOptions extends ChatPorts {
  readonly settings: {
    /** The key that signs the identity cookies; 32 bytes, the same on all replicas. */
    readonly cookieKey: Uint8Array;
    /** True if other machines can reach the port and no token is set: nobody gets in. */
    readonly isClosed?: boolean;
    /** LIMIT_ADDRESS_TURNS: messages and commands per address and day. 0 or missing: no limit. */
    readonly addressTurns?: number;
  };
  readonly http: HttpServer;
  readonly files: FileStore;
  /** WEB_TOKEN. */
  readonly tokenCheck: TokenCheck;
  readonly proxies: Proxies;
  /** See AccessPorts. */
  readonly publicUrl?: string | undefined;
}

/** One screen's refresh is 16 ms; more frames than this are not read faster. */
const pauses = { firstMs: 40, everyMs: 40 } as const;

/** Adds the web chat to the HTTP server: its page at `/`, its WebSocket at `/chat`. */
export async function openWeb(options: WebOptions): Promise<WebPlatform> {
  return new WebPlatform(options);
}

/** The web chat as a platform. A reply is one post that grows; pages get its pieces. */
export class WebPlatform implements Platform, Component {
  readonly name = "web";
  readonly isOurPage = true;
  readonly limits: PostLimits = { postChars: 1_000_000, showsSteps: true };
  readonly readFile: NonNullable<Platform["readFile"]>;
  readonly removeFile: NonNullable<Platform["removeFile"]>;
  readonly #pace: GrowthPace;
  readonly #pages: PageConnections;
  readonly #liveUpdates: LiveUpdates;
  readonly #downloads: Downloads;
  readonly #upgrades: ChatUpgrades;
  readonly #signOuts: SignOuts;

  constructor(options: WebOptions) {
    const { settings, http, ids, clock } = options;
    this.#pace = new GrowthPace(pauses, clock);
    const access = new AccessControl({ ...options, isClosed: settings.isClosed === true });
    const identities = new Identities(settings.cookieKey, options.tokenCheck.tokens);
    const errorFrames = new ErrorFrames(options);
    const uploads = new Uploads(options);
    this.readFile = (ref, maxBytes, signal) => uploads.read(ref, maxBytes, signal);
    this.removeFile = (ref, signal) => uploads.remove(ref, signal);
    const history = new HistoryReader({ ...options, uploads });
    const running = new RunningConversations(ids.turn());
    const pages = new PageConnections({ history, running, errorFrames, clock });
    this.#pages = pages;
    const titles = new Titles({ ...options, pages });
    this.#liveUpdates = new LiveUpdates({ ...options, history, running, titles, pages });
    this.#downloads = new Downloads(options);
    const chat = {
      ...options,
      hasSignOut: options.tokenCheck.needsToken,
      addressTurns: settings.addressTurns ?? 0,
    };
    const server = new ChatServer(chat, { pages, liveUpdates: this.#liveUpdates, errorFrames, uploads });
    const onOpen = (connection: Connection): void => server.welcome(connection);
    this.#upgrades = new ChatUpgrades({ ...options, access, identities, listener: server, onOpen });
    const assets = new Assets();
    const signOuts = new SignOuts(options.broadcast, this.#pages);
    this.#signOuts = signOuts;
    addFileRoutes(http, { ...options, access, identities, downloads: this.#downloads });
    const allowance = new UploadAllowance(options);
    addUploadRoutes(http, { ...options, access, identities, uploads, allowance });
    addPageRoutes(http, {
      access,
      identities,
      assets,
      ids,
      onSignOut: signOuts.publish,
      refusalOf: (request) => this.#upgrades.refusalOf(request),
    });
  }

  health(): Health {
    return { ok: true, why: "" };
  }

  readonly whenWritable: Platform["whenWritable"] = (_to, write, signal) => this.#pace.whenDue(write, signal);

  readonly createPost = async (to: ReplyAddress, post: Post): Promise<PostId> => {
    const place = placeOfAddress(to);
    this.#show(place, post);
    this.#pace.wrote(post.turn);
    return postIdOf(place, post.turn);
  };

  /** A repeated answer keeps the id of its first turn. */
  readonly editPost = async (to: ReplyAddress, id: PostId, post: Post): Promise<void> => {
    this.#show(placeOfAddress(to), post, messageIdOf(id));
    this.#pace.wrote(post.turn);
  };

  readonly deletePost = async (to: ReplyAddress, id: PostId): Promise<void> => {
    // Only a draft has an address; an older post is found by its id.
    const place = to.target["conversation"] === undefined ? placeOfPost(id) : placeOfAddress(to);
    // A bare turn names no conversation; its pages are refreshed when memory has changed.
    if (place !== undefined)
      this.#liveUpdates.publish({ kind: "retracted", ...place, turn: messageIdOf(id) });
  };

  readonly showsReply: NonNullable<Platform["showsReply"]> = (to, last) =>
    this.#liveUpdates.isShown(placeOfAddress(to), messageIdOf(last));

  readonly permalinkOf: NonNullable<Platform["permalinkOf"]> = (conversation, post) =>
    permalinkTo(placeOf(conversation), messageIdOf(post));

  readonly sendPrivately = async (
    to: ReplyAddress,
    texts: readonly string[],
    _signal?: AbortSignal,
    offer?: Offer,
  ): Promise<void> => {
    const { user, conversation } = placeOfAddress(to);
    for (const [index, text] of texts.entries()) {
      const isLast = index === texts.length - 1;
      const buttons = offer !== undefined && isLast ? { offer: shownOffer(offer) } : {};
      this.#liveUpdates.show(user, { type: "notice", conversation, text, ...buttons });
    }
  };

  /** People have only their own conversations. */
  readonly hasRight: NonNullable<Platform["hasRight"]> = async (person, _right, { place }) =>
    person === place;

  readonly memoryChanged: NonNullable<Platform["memoryChanged"]> = ({ conversation }) => {
    this.#liveUpdates.announceRevision(conversation);
  };

  readonly titleChanged: NonNullable<Platform["titleChanged"]> = ({ conversation }) => {
    this.#liveUpdates.publish({ kind: "retitled", ...placeOf(conversation) });
  };

  readonly sendFilesPrivately: NonNullable<Platform["sendFilesPrivately"]> = async (
    to,
    { text, files },
    signal,
  ) => {
    const place = placeOfAddress(to);
    const stored = [];
    for (const file of files) stored.push({ ...file, ...(await this.#downloads.store(place, file, signal)) });
    const { user, conversation } = place;
    this.#liveUpdates.show(user, { type: "notice", conversation, text });
    for (const { id, name, mediaType, bytes } of stored) {
      const url = urlOfFile(conversation, id, name);
      this.#liveUpdates.show(user, { type: "file", conversation, name, mediaType, bytes, url });
    }
  };

  readonly showWorking: NonNullable<Platform["showWorking"]> = async (to, _signal, by) => {
    const { user, conversation } = placeOfAddress(to);
    this.#liveUpdates.show(user, { type: "working", conversation, ...(by === undefined ? {} : { by }) });
  };

  /** An empty text: a command left no reply, but may have changed the history. */
  readonly turnFinished: NonNullable<Platform["turnFinished"]> = (to, reply) => {
    const { turn, text, covers, shown, images = [] } = reply;
    const { user, conversation } = placeOfAddress(to);
    const buttons = shown && finishedButtons(shown);
    const { files } = shownImages(images, { conversation, message: turn });
    const withFiles = files === undefined ? {} : { files: [...files] };
    const end = { conversation, turn, text, covers: [...covers], ...withFiles, ...buttons };
    this.#liveUpdates.show(user, { type: "done", ...end });
  };

  /** A page shows the last step until the answer grows again. */
  #show(place: WebPlace, post: Post, reply?: MessageId): void {
    if (post.text !== "") this.#liveUpdates.write(place, post, reply);
    const step = post.steps?.at(-1);
    const { user, conversation } = place;
    if (step === undefined) return;
    const what = step.kind === "search" ? { words: step.words } : ({ makes: "image" } as const);
    this.#liveUpdates.show(user, { type: "working", conversation, ...what, by: post.turn });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#upgrades.close();
    await Promise.all(this.#pages.all.map((each) => each.end(1001, "the server is stopping")));
    this.#signOuts[Symbol.dispose]();
    this.#liveUpdates[Symbol.dispose]();
  }
}

function shownOffer({ id, atMs, choices }: Offer) {
  return { id, choices: choices.map((each) => ({ ...each, value: valueOfChoice(each, atMs) })) };
}

function placeOfAddress({ target: { user = "", conversation = "" } }: ReplyAddress): WebPlace {
  return { user, conversation };
}
