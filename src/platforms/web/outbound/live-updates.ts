import type { ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId, TurnId } from "../../../domain/message.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { Memory } from "../../../ports/memory.ts";
import type { Post } from "../../../ports/platform.ts";
import { isRemembered, type ConversationViews } from "../history/conversation-view.ts";
import { StreamingDrafts } from "./streaming-drafts.ts";
import { liveEventSchema, type LiveEvent } from "../wire/live-events.ts";
import type { PageConnections } from "./page-connections.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import { Revisions } from "../history/revisions.ts";
import type { Titles } from "./titles.ts";
import { type WebPlace, keyFor, placeOf } from "../wire/keys.ts";

const channel = "web";
const watchEveryMs = 5_000;
const recallMs = 10_000;
const noPage = "none";

interface NewsroomPorts {
  readonly broadcast: Broadcast;
  readonly memories: Memory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly views: ConversationViews;
  readonly pages: PageConnections;
  readonly titles: Titles;
}

type Grown = Extract<LiveEvent, { readonly kind: "grown" }>;
type Finished = Extract<LiveEvent, { readonly kind: "finished" }>;

/**
 * Tells all replicas what happens in the web chat, and shows on the pages here what any replica tells. News may be lost:
 * what doesn't fit together is asked for, and where it is silent for too long, memory says whether something is over.
 */
export class LiveUpdates implements Disposable {
  readonly #ports: NewsroomPorts;
  readonly #drafts: StreamingDrafts;
  readonly #revisions = new Revisions((key) => this.tell({ kind: "revised", ...placeOf(key) }));
  readonly #listening: Disposable;
  readonly #watch: NodeJS.Timeout;

  constructor(ports: NewsroomPorts) {
    this.#ports = ports;
    this.#drafts = new StreamingDrafts(ports.ids.turn());
    this.#listening = ports.broadcast.listen(channel, (news) => this.#hear(news));
    this.#watch = setInterval(() => this.#lookForSilence(), watchEveryMs).unref();
  }

  tell(news: LiveEvent): void {
    // A page may ask for what it has just said before the news of it are back.
    this.#hold(news);
    this.#ports.broadcast.send(channel, news);
  }

  /** This replica writes the answer there, and it reads so now. */
  write(place: WebPlace, post: Pick<Post, "turn" | "text" | "covers">): void {
    const growth = this.#drafts.grow(keyFor(place), post);
    if (growth !== undefined)
      this.tell({ kind: "grown", ...place, ...growth, said: this.#saidFor(growth, place) });
  }

  /** An answer that is being written is taken back. */
  withdraw(place: WebPlace, turn: TurnId): void {
    this.#drafts.end(keyFor(place), turn);
    this.tell({ kind: "withdrawn", ...place, turn });
  }

  /** An answer of long ago is taken back. Memory may follow a little later. */
  postsToRetract(place: WebPlace, turn: TurnId): void {
    this.tell({ kind: "changed", ...place, message: turn, page: noPage });
  }

  /** What is remembered there was changed without an answer. */
  revise(conversation: ConversationKey): void {
    this.#revisions.add(conversation);
  }

  finish(place: WebPlace, turn: TurnId, text: string, covers: readonly MessageId[]): void {
    this.#drafts.end(keyFor(place));
    this.tell({ kind: "finished", ...place, turn, text, covers: [...covers] });
  }

  /** Nobody here knows of an answer there; perhaps another replica is in the middle of one. */
  askIfUnknown(place: WebPlace): void {
    if (this.#ports.views.running(keyFor(place)) === undefined) this.tell({ kind: "asked", ...place });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#watch);
    this.#revisions[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #hear(heard: unknown): void {
    const { success, data: news } = liveEventSchema.safeParse(heard);
    if (!success) {
      this.#ports.log.debug({ channel }, "news that this version does not know");
      return;
    }
    this.#hold(news);
    this.#show(news);
  }

  /** What pages will ask for. A second time it changes nothing. */
  #hold(news: LiveEvent): void {
    const { views, titles, clock } = this.#ports;
    const key = keyFor(news);
    if (news.kind === "said") views.addSaid(key, { role: "user", ...news.message }, clock.nowMs());
    if (news.kind === "changed") views.change(key, news.message, news.text, clock.nowMs());
    if (["said", "renamed", "removed"].includes(news.kind)) titles.outdate(news);
  }

  #show(news: LiveEvent): void {
    const { pages } = this.#ports;
    const { user, conversation } = news;
    switch (news.kind) {
      case "said":
      case "changed":
        void pages.showHistory(news, news.page);
        break;
      case "renamed":
      case "working":
      case "noticed":
        pages.show(user, frameOf(news));
        break;
      case "removed":
        this.#drafts.end(keyFor(news));
        this.#ports.views.remove(keyFor(news), this.#ports.clock.nowMs());
        pages.show(user, { type: "removed", conversation });
        break;
      case "revised":
        void pages.refresh(news);
        void this.#ports.titles.tell(news);
        break;
      case "retitled":
        void this.#ports.titles.tell(news);
        break;
      case "grown":
        this.#grow(news);
        break;
      case "withdrawn":
        this.#drafts.end(keyFor(news), news.turn);
        this.#ports.views.withdraw(keyFor(news), news.turn);
        void pages.showHistory(news);
        break;
      case "finished":
        this.#finish(news);
        break;
      case "asked":
        void this.#answer(news);
    }
  }

  #grow(news: Grown): void {
    const { views, pages, clock } = this.#ports;
    const { user, conversation, turn, covers } = news;
    const key = keyFor(news);
    const nowMs = clock.nowMs();
    this.#drafts.yield(key, news.writer);
    const missed = news.said.filter((each) => views.addSaid(key, { role: "user", ...each }, nowMs));
    const grown = views.grow(key, news, nowMs);
    if (grown === "gap") {
      if (views.mayAsk(key, nowMs)) this.tell({ kind: "asked", user, conversation });
    } else if (grown === "anew" || missed.length > 0) void pages.showAnew(news);
    else if (grown.piece !== "") {
      const known = covers === undefined ? {} : { covers };
      pages.show(user, { type: "piece", conversation, turn, text: grown.piece, ...known });
    }
  }

  #finish(news: Finished): void {
    const { views, pages, titles } = this.#ports;
    const { user, conversation, turn, text, covers } = news;
    const key = keyFor(news);
    this.#drafts.end(key, turn);
    const isKnown = views.finish(key, covers);
    // A command leaves no reply, and perhaps another history: a new chapter. After a restart, pages lack the question.
    if (text !== "") pages.show(user, { type: "done", conversation, turn, text, covers });
    if (text === "" || !isKnown) void pages.showHistory(news);
    if (text === "") void titles.tell(news);
  }

  /** Only of what is not over: this replica may have lost the turn, and missed its end. */
  async #answer({ user, conversation }: WebPlace): Promise<void> {
    const key = keyFor({ user, conversation });
    const asked = this.#drafts.whole(key);
    if (asked === undefined) return;
    const memory = await this.#recall({ user, conversation });
    if (memory !== "away" && isRemembered(memory, asked.turn)) this.#drafts.end(key, asked.turn);
    const whole = this.#drafts.whole(key);
    if (whole === undefined) return;
    const said = this.#saidFor(whole, { user, conversation });
    this.tell({ kind: "grown", user, conversation, ...whole, said });
  }

  #saidFor({ at }: { readonly at: number }, place: WebPlace): Grown["said"] {
    if (at > 0) return [];
    return this.#ports.views.said(keyFor(place)).map(({ id, text, atMs }) => ({ id, text, atMs }));
  }

  #lookForSilence(): void {
    const { views, pages, clock } = this.#ports;
    const nowMs = clock.nowMs();
    for (const key of views.forgetOld(nowMs)) void pages.showHistory(placeOf(key));
    for (const key of views.silent(nowMs)) {
      const place = placeOf(key);
      if (!pages.has(place.user)) continue;
      this.tell({ kind: "asked", ...place });
      void this.#settle(place);
    }
  }

  async #settle(place: WebPlace): Promise<void> {
    const memory = await this.#recall(place);
    if (memory === "away") return;
    if (this.#ports.views.settle(keyFor(place), memory)) await this.#ports.pages.showHistory(place);
  }

  async #recall(place: WebPlace): Promise<ConversationMemory | undefined | "away"> {
    try {
      const { memories } = this.#ports;
      return (await memories.read(keyFor(place), AbortSignal.timeout(recallMs))).memory;
    } catch (error) {
      this.#ports.log.debug({ err: error }, "could not look up whether an answer is over");
      return "away";
    }
  }
}

/** What pages are sent as it is told. */
function frameOf(
  news: Extract<LiveEvent, { readonly kind: "renamed" | "working" | "noticed" }>,
): ServerFrame {
  const { conversation } = news;
  if (news.kind === "renamed") return { type: "renamed", conversation, title: news.title };
  if (news.kind === "noticed") {
    const { text, offer } = news;
    return { type: "notice", conversation, text, ...(offer === undefined ? {} : { offer }) };
  }
  return { type: "working", conversation, ...(news.words === undefined ? {} : { words: news.words }) };
}
