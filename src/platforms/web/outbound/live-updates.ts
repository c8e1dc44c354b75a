import type { ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId, TurnId } from "../../../domain/message.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { Memory } from "../../../ports/memory.ts";
import type { Post } from "../../../domain/post.ts";
import { isRemembered, type ConversationViews } from "../history/conversation-views.ts";
import { frameOf } from "./frame-of-event.ts";
import { StreamingDrafts } from "./streaming-drafts.ts";
import { liveEventSchema, type LiveEvent } from "../wire/live-events.ts";
import type { PageConnections } from "./page-connections.ts";
import { RevisionThrottle } from "../history/revision-throttle.ts";
import type { Titles } from "./titles.ts";
import { type WebPlace, keyFor, placeOf } from "../wire/keys.ts";

const channel = "web";
const watchIntervalMs = 5_000;
const memoryDeadlineMs = 10_000;
const noPage = "none";

interface LiveUpdatesPorts {
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
 * Publishes live events of the web chat to all replicas, and shows received events on the pages of this one. Events
 * may be lost: missing parts are requested, and after a long silence memory says what has finished.
 */
export class LiveUpdates implements Disposable {
  readonly #ports: LiveUpdatesPorts;
  readonly #drafts: StreamingDrafts;
  readonly #revisions = new RevisionThrottle((key) => this.publish({ kind: "revised", ...placeOf(key) }));
  readonly #listening: Disposable;
  readonly #watch: NodeJS.Timeout;

  constructor(ports: LiveUpdatesPorts) {
    this.#ports = ports;
    this.#drafts = new StreamingDrafts(ports.ids.turn());
    this.#listening = ports.broadcast.listen(channel, (event) => this.#receive(event));
    this.#watch = setInterval(() => this.#checkSilent(), watchIntervalMs).unref();
  }

  publish(event: LiveEvent): void {
    // Recorded now: a page may ask for its message before the event is received.
    this.#record(event);
    this.#ports.broadcast.send(channel, event);
  }

  /** This replica is writing an answer; `post` is its current text. */
  write(place: WebPlace, post: Pick<Post, "turn" | "text" | "covers">): void {
    const growth = this.#drafts.grow(keyFor(place), post);
    if (growth !== undefined)
      this.publish({ kind: "grown", ...place, ...growth, said: this.#saidFor(growth, place) });
  }

  /** Removes the draft of a retracted answer. */
  retractDraft(place: WebPlace, turn: TurnId): void {
    this.#drafts.end(keyFor(place), turn);
    this.publish({ kind: "withdrawn", ...place, turn });
  }

  /** Removes the post of an older answer from pages. Memory may follow later. */
  retractPost(place: WebPlace, turn: TurnId): void {
    this.publish({ kind: "changed", ...place, message: turn, page: noPage });
  }

  /** Memory was changed without an answer. */
  announceRevision(conversation: ConversationKey): void {
    this.#revisions.add(conversation);
  }

  finish(place: WebPlace, turn: TurnId, text: string, covers: readonly MessageId[]): void {
    this.#drafts.end(keyFor(place));
    this.publish({ kind: "finished", ...place, turn, text, covers: [...covers] });
  }

  /** Requests the draft if none is known here: another replica may be writing one. */
  requestDraftIfUnknown(place: WebPlace): void {
    if (this.#ports.views.running(keyFor(place)) === undefined) this.publish({ kind: "asked", ...place });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#watch);
    this.#revisions[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #receive(received: unknown): void {
    const { success, data: event } = liveEventSchema.safeParse(received);
    if (!success) {
      this.#ports.log.debug({ channel }, "ignored a live event of another version");
      return;
    }
    this.#record(event);
    this.#showOnPages(event);
  }

  /** Records what pages may ask for. Idempotent. */
  #record(event: LiveEvent): void {
    const { views, titles, clock } = this.#ports;
    const key = keyFor(event);
    if (event.kind === "said") views.addSaid(key, { role: "user", ...event.message }, clock.nowMs());
    if (event.kind === "changed") views.change(key, event.message, event.text, clock.nowMs());
    if (["said", "renamed", "removed"].includes(event.kind)) titles.markStale(event);
  }

  #showOnPages(event: LiveEvent): void {
    const { pages } = this.#ports;
    const { user } = event;
    switch (event.kind) {
      case "said":
      case "changed":
        void pages.refreshAll(event, event.page);
        break;
      case "renamed":
      case "working":
      case "noticed":
      case "offered":
        pages.send(user, frameOf(event));
        break;
      case "removed":
        this.#remove(event);
        break;
      case "revised":
        void pages.refreshActive(event);
        void this.#ports.titles.refresh(event);
        break;
      case "retitled":
        void this.#ports.titles.refresh(event);
        break;
      case "grown":
        this.#grow(event);
        break;
      case "withdrawn":
        this.#drafts.end(keyFor(event), event.turn);
        this.#ports.views.retract(keyFor(event), event.turn);
        void pages.refreshAll(event);
        break;
      case "finished":
        this.#finish(event);
        break;
      case "asked":
        void this.#sendDraft(event);
    }
  }

  #remove(place: WebPlace): void {
    const { views, pages, clock } = this.#ports;
    this.#drafts.end(keyFor(place));
    views.remove(keyFor(place), clock.nowMs());
    pages.send(place.user, { type: "removed", conversation: place.conversation });
  }

  #grow(event: Grown): void {
    const { views, pages, clock } = this.#ports;
    const { user, conversation, turn, covers } = event;
    const key = keyFor(event);
    const nowMs = clock.nowMs();
    this.#drafts.yieldTo(key, event.writer);
    const missed = event.said.filter((each) => views.addSaid(key, { role: "user", ...each }, nowMs));
    const grown = views.grow(key, event, nowMs);
    if (grown === "gap") {
      if (views.mayAsk(key, nowMs)) this.publish({ kind: "asked", user, conversation });
    } else if (grown === "restarted" || missed.length > 0) void pages.restartDraft(event);
    else if (grown.piece !== "") {
      const known = covers === undefined ? {} : { covers };
      pages.send(user, { type: "piece", conversation, turn, text: grown.piece, ...known });
    }
  }

  #finish(event: Finished): void {
    const { views, pages, titles } = this.#ports;
    const { user, conversation, turn, text, covers } = event;
    const key = keyFor(event);
    this.#drafts.end(key, turn);
    const isKnown = views.finish(key, covers);
    // A command leaves no reply, but may have changed the history (a new chapter). After a restart, pages lack the
    // question.
    if (text !== "") pages.send(user, { type: "done", conversation, turn, text, covers });
    if (text === "" || !isKnown) void pages.refreshAll(event);
    if (text === "") void titles.refresh(event);
  }

  /** Only an unfinished answer: this replica may have lost the turn and missed its end. */
  async #sendDraft({ user, conversation }: WebPlace): Promise<void> {
    const key = keyFor({ user, conversation });
    const asked = this.#drafts.whole(key);
    if (asked === undefined) return;
    const memory = await this.#readMemory({ user, conversation });
    if (memory !== "unreachable" && isRemembered(memory, asked.turn)) this.#drafts.end(key, asked.turn);
    const whole = this.#drafts.whole(key);
    if (whole === undefined) return;
    const said = this.#saidFor(whole, { user, conversation });
    this.publish({ kind: "grown", user, conversation, ...whole, said });
  }

  #saidFor({ at }: { readonly at: number }, place: WebPlace): Grown["said"] {
    if (at > 0) return [];
    return this.#ports.views.said(keyFor(place)).map(({ id, text, atMs }) => ({ id, text, atMs }));
  }

  #checkSilent(): void {
    const { views, pages, clock } = this.#ports;
    const nowMs = clock.nowMs();
    for (const key of views.dropOld(nowMs)) void pages.refreshAll(placeOf(key));
    for (const key of views.silentConversations(nowMs)) {
      const place = placeOf(key);
      if (!pages.has(place.user)) continue;
      this.publish({ kind: "asked", ...place });
      void this.#reconcile(place);
    }
  }

  async #reconcile(place: WebPlace): Promise<void> {
    const memory = await this.#readMemory(place);
    if (memory === "unreachable") return;
    if (this.#ports.views.reconcile(keyFor(place), memory)) await this.#ports.pages.refreshAll(place);
  }

  async #readMemory(place: WebPlace): Promise<ConversationMemory | undefined | "unreachable"> {
    try {
      const { memories } = this.#ports;
      return (await memories.read(keyFor(place), AbortSignal.timeout(memoryDeadlineMs))).memory;
    } catch (error) {
      this.#ports.log.debug({ err: error }, "could not check in memory whether an answer has finished");
      return "unreachable";
    }
  }
}
