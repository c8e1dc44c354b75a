import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Post } from "../../../domain/post.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import { CatchUp } from "./catch-up.ts";
import { forEachPerson } from "./for-each-person.ts";
import { RevisionThrottle } from "./revision-throttle.ts";
import { sentEventSchema, type LiveEvent, type LiveFrame } from "../wire/live-events.ts";
import { shownActions } from "../wire/shown-actions.ts";
import type { PageConnections } from "./page-connections.ts";
import type { RunningConversations } from "./running-conversations.ts";
import type { Titles } from "./titles.ts";
import { type WebPlace, keyFor, placeOf } from "../wire/keys.ts";

const channel = "web";
const watchIntervalMs = 5_000;

interface LiveUpdatesPorts {
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly log: Log;
  readonly history: HistoryReader;
  readonly running: RunningConversations;
  readonly pages: PageConnections;
  readonly titles: Titles;
}

type EventOf<Kind extends LiveEvent["kind"]> = Extract<LiveEvent, { readonly kind: Kind }>;

/**
 * Handles live events of the web chat at once on this replica, and sends them to the others. Events may be lost:
 * missing text is requested from its writer, and after a silence the stores say what has changed.
 */
export class LiveUpdates implements Disposable {
  readonly #ports: LiveUpdatesPorts;
  readonly #revisions = new RevisionThrottle((key) =>
    this.publish({ kind: "changed", ...placeOf(key), pages: "open" }),
  );
  readonly #listening: Disposable;
  readonly #watch: NodeJS.Timeout;
  /** The conversations whose draft is about to be sent to replicas that asked. */
  readonly #sending = new Set<ConversationKey>();
  readonly #catchUps = new CatchUp(() => this.#catchUp());

  constructor(ports: LiveUpdatesPorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(channel, (received) => this.#receive(received));
    ports.broadcast.onGap?.(() => void this.#catchUps.start());
    this.#watch = setInterval(() => this.#checkSilent(), watchIntervalMs).unref();
  }

  publish(event: LiveEvent): void {
    this.#handle(event, this.#ports.running.replica);
    this.#ports.broadcast.send(channel, { from: this.#ports.running.replica, ...event });
  }

  /** Shows a frame on all pages of a person. */
  show(user: string, frame: LiveFrame): void {
    this.publish({ kind: "shown", user, frame });
  }

  /** This replica is writing an answer; `post` is its current text. `reply`: its id, if it is given again. */
  write(place: WebPlace, post: Post, reply = post.turn): void {
    const { turn: by, actions } = post;
    const draft = { ...post, turn: reply, by, actions: shownActions(actions) };
    const growth = this.#ports.running.growthTo(keyFor(place), draft);
    if (growth !== undefined) this.publish({ kind: "grown", ...place, ...growth });
  }

  /** Memory was changed without an answer. */
  announceRevision(conversation: ConversationKey): void {
    this.#revisions.add(conversation);
  }

  /** Whether the person's pages here have the draft of a turn. Without pages here, there is nobody to show it to. */
  isShown(place: WebPlace, turn: TurnId): boolean {
    const { pages, running } = this.#ports;
    return !pages.has(place.user) || running.draft(keyFor(place))?.turn === turn;
  }

  /** Requests the draft if none is known here: another replica may be writing one. */
  requestDraftIfUnknown(place: WebPlace): void {
    if (this.#ports.running.draft(keyFor(place)) === undefined) this.publish({ kind: "asked", ...place });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#watch);
    this.#revisions[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #receive(received: unknown): void {
    const { success, data } = sentEventSchema.safeParse(received);
    if (!success) this.#ports.log.debug({ channel }, "ignored a live event of another version");
    else if (data.from !== this.#ports.running.replica) this.#handle(data, data.from);
  }

  #handle(event: LiveEvent, from: string): void {
    const { titles, history, running, pages } = this.#ports;
    switch (event.kind) {
      case "changed":
        this.#change(event);
        break;
      case "retitled":
        void titles.refresh(event);
        break;
      case "retracted":
        running.endDraft(keyFor(event), event.turn);
        history.hide(keyFor(event), event.turn);
        this.#refresh(event);
        break;
      case "grown":
        if (from === this.#ports.running.replica || pages.has(event.user)) this.#grow(event, from);
        // Another replica writes the answer now.
        else running.endDraft(keyFor(event));
        break;
      case "shown":
        this.#show(event);
        break;
      case "asked":
        void this.#sendDraft(event);
    }
  }

  #change(event: EventOf<"changed">): void {
    const { titles, running, pages, clock } = this.#ports;
    const { said, page } = event;
    if (said !== undefined && pages.has(event.user)) running.expect(keyFor(event), [said], clock.nowMs());
    if (event.pages === "open") void pages.refreshOpen(event);
    else void pages.refreshAll(event, page);
    // What a person does on a page changes the title only later.
    if (page === undefined) void titles.refresh(event);
    else titles.markStale(event);
  }

  #grow(event: EventOf<"grown">, from: string): void {
    const { running, history, pages, clock } = this.#ports;
    const { user, conversation, turn, by = turn, covers } = event;
    const key = keyFor(event);
    const nowMs = clock.nowMs();
    history.reveal(key, turn);
    const grown = running.grow(key, { ...event, writer: from }, nowMs);
    if (grown === "gap") {
      if (running.mayAsk(key, nowMs)) this.publish({ kind: "asked", user, conversation });
    } else if (grown === "restarted") void pages.restartDraft(event);
    else if (grown.piece !== "" || grown.actions !== undefined) {
      const { piece: text, ...buttons } = grown;
      const known = { ...(covers === undefined ? {} : { covers }), ...(by === turn ? {} : { by }) };
      pages.send(user, { type: "piece", conversation, turn, text, ...known, ...buttons });
    }
  }

  #show({ user, frame }: EventOf<"shown">): void {
    const { running, history, pages, titles } = this.#ports;
    const place = { user, conversation: frame.conversation };
    const key = keyFor(place);
    if (frame.type === "removed") {
      running.remove(key);
      history.markStale(key);
      titles.markStale(place);
    }
    if (frame.type !== "done") {
      pages.send(user, frame);
      return;
    }
    const isKnown = running.finish(key, frame);
    history.markStale(key);
    if (frame.text !== "") {
      // Pages may lack the question: its event was lost, or came before they did.
      pages.send(user, frame, !isKnown);
      return;
    }
    this.#refresh(place);
    void titles.refresh(place);
  }

  /** Without a draft here, pages get no piece before the history: they may still show the one that is over. */
  #refresh(place: WebPlace): void {
    const { running, pages } = this.#ports;
    if (running.draft(keyFor(place)) === undefined) void pages.restartDraft(place);
    else void pages.refreshAll(place);
  }

  /**
   * Only an unfinished answer: its end may have been missed. Several replicas may ask at once; the first gets it for all.
   */
  async #sendDraft(place: WebPlace): Promise<void> {
    const { running, history } = this.#ports;
    const key = keyFor(place);
    const asked = running.own(key);
    if (asked === undefined || this.#sending.has(key)) return;
    this.#sending.add(key);
    if (await history.isFinished(key, asked)) running.endDraft(key, asked.turn);
    this.#sending.delete(key);
    const draft = running.own(key);
    const { user, conversation } = place;
    if (draft !== undefined) this.publish({ kind: "grown", user, conversation, ...draft });
  }

  /** Events were lost: pages get again what they show now. Other conversations are read when they are opened. */
  #catchUp(): Promise<void> {
    const { titles, pages } = this.#ports;
    return forEachPerson(pages.shown, async (place) => {
      this.publish({ kind: "asked", ...place });
      void titles.refresh(place);
      await pages.refreshOpen(place);
    });
  }

  #checkSilent(): void {
    const { running, pages, clock } = this.#ports;
    const nowMs = clock.nowMs();
    for (const key of running.dropAbandoned(nowMs)) void pages.restartDraft(placeOf(key));
    const due: WebPlace[] = [];
    for (const key of running.silent(nowMs)) {
      const place = placeOf(key);
      const isOwn = running.own(key) !== undefined;
      if (isOwn || pages.has(place.user)) due.push(place);
      // A page that comes later reads it from the stores.
      else running.remove(key);
      if (!isOwn && pages.has(place.user)) this.publish({ kind: "asked", ...place });
    }
    void forEachPerson(due, (place) => this.#compare(place));
  }

  async #compare(place: WebPlace): Promise<void> {
    const { running, history, log } = this.#ports;
    const key = keyFor(place);
    try {
      let isBehind = false;
      await history.current(key, (stored) => {
        isBehind = running.compare(key, stored);
      });
      if (isBehind) this.#refresh(place);
    } catch (error) {
      log.debug({ err: error }, "could not check in memory whether an answer has finished");
    }
  }
}
