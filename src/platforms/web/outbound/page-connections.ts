import { encodeFrame, type Connection } from "../connection/connection.ts";
import type { HistoryPart, HistoryReader, NewestHistory } from "../history/history-reader.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import type { ErrorFrames } from "../connection/error-frames.ts";
import type { Clock } from "../../../ports/clock.ts";
import { RefreshQueue } from "./refresh-queue.ts";
import type { RunningConversations } from "./running-conversations.ts";
import { type WebPlace, keyFor } from "../wire/keys.ts";

interface PagesPorts {
  readonly history: HistoryReader;
  readonly running: RunningConversations;
  readonly clock: Clock;
  readonly errorFrames: ErrorFrames;
}

/** The pages that are connected to this replica. */
export class PageConnections {
  readonly #ports: PagesPorts;
  readonly #byUser = new Map<string, Set<Connection>>();
  readonly #refreshes = new RefreshQueue((connections, conversation) =>
    this.#refreshOrReport(connections, conversation),
  );

  constructor(ports: PagesPorts) {
    this.#ports = ports;
  }

  add(connection: Connection): void {
    const connections = this.#byUser.get(connection.user) ?? new Set();
    this.#byUser.set(connection.user, connections.add(connection));
  }

  remove(connection: Connection): void {
    const connections = this.#byUser.get(connection.user);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byUser.delete(connection.user);
  }

  get all(): readonly Connection[] {
    return Array.from(this.#byUser.values(), (each) => Array.from(each)).flat();
  }

  of(user: string): readonly Connection[] {
    return [...(this.#byUser.get(user) ?? [])];
  }

  has(user: string): boolean {
    return this.#byUser.has(user);
  }

  /** The conversations that pages show now, each once. */
  get shown(): readonly WebPlace[] {
    const places = new Map<string, WebPlace>();
    for (const { user, conversations } of this.all) {
      if (conversations.current === undefined) continue;
      const place = { user, conversation: conversations.current };
      places.set(keyFor(place), place);
    }
    return [...places.values()];
  }

  /**
   * Sends a frame to all pages of a user. A page that has not seen the conversation gets its history instead of a piece,
   * and behind a `done`. Pages with an outdated draft get no pieces, as a history follows. `isOutdated`: all pages lack
   * something, and get the history behind the frame.
   */
  send(user: string, frame: ServerFrame, isOutdated = false): void {
    const bytes = encodeFrame(frame);
    const behind: Connection[] = [];
    for (const connection of this.#byUser.get(user) ?? []) {
      if (this.#isBehind(connection, frame) || isOutdated) behind.push(connection);
      const { staleDrafts } = connection.conversations;
      if (frame.type === "piece" && staleDrafts.has(frame.conversation)) continue;
      if (frame.type === "done") staleDrafts.delete(frame.conversation);
      connection.sendEncoded(bytes);
    }
    if ("conversation" in frame && frame.conversation !== undefined)
      void this.#refreshes.add({ user, conversation: frame.conversation }, behind);
  }

  /**
   * Sends the current history to all pages of a user. `page` shows it already, and gets it only if an older one is on
   * its way. Never rejects.
   */
  async refreshAll(place: WebPlace, page?: string): Promise<void> {
    const connections = this.of(place.user).filter(
      (each) => each.page !== page || this.#refreshes.isRunning(place, each),
    );
    await this.#refreshes.add(place, connections);
  }

  /** Replaces the draft on all pages of a user, because its beginning has changed or it is over. Never rejects. */
  async restartDraft(place: WebPlace): Promise<void> {
    for (const connection of this.of(place.user))
      connection.conversations.staleDrafts.add(place.conversation);
    await this.refreshAll(place);
  }

  /** Sends the current history to the user's pages that have the conversation open. Never rejects. */
  async refreshOpen(place: WebPlace): Promise<void> {
    const connections = this.of(place.user).filter((each) => each.conversations.isActive(place.conversation));
    await this.#refreshes.add(place, connections);
  }

  /**
   * Sends the newest part of a conversation to one page. A read that started earlier never replaces a later one.
   * @throws {MemoryError}
   */
  async open(connection: Connection, conversation: string): Promise<void> {
    await this.#openOn([connection], conversation);
    await connection.whenHistoryAllowed();
  }

  /** All connections must be of one person. @throws {MemoryError} */
  async #openOn(connections: readonly Connection[], conversation: string): Promise<void> {
    const [first] = connections;
    if (first === undefined) return;
    const place = { user: first.user, conversation };
    await this.#ports.history.newest(keyFor(place), (part) => this.#showNewest(connections, place, part));
  }

  #showNewest(connections: readonly Connection[], place: WebPlace, part: NewestHistory): void {
    const { running, clock } = this.#ports;
    const key = keyFor(place);
    const { conversation } = place;
    const behind = connections.filter((each) => each.conversations.isNewest(conversation, part.order));
    if (behind.length === 0) return;
    if (!running.has(key)) running.expect(key, part.waiting, clock.nowMs());
    const { memory, messages } = part;
    const { chapter, since, windowFrom: window } = memory ?? { chapter: 1, since: 1, windowFrom: 1 };
    const state = { chapter, since, window };
    const history = encodeFrame({ type: "history", conversation, messages, ...state, ...endOf(part) });
    const draft = running.draft(key);
    const isWritten = draft !== undefined && !running.isRemembered(key, memory);
    const piece = isWritten ? encodeFrame({ type: "piece", conversation, ...draft }) : undefined;
    for (const each of behind) {
      each.sendHistory(history);
      each.conversations.staleDrafts.delete(conversation);
      if (piece !== undefined) each.sendEncoded(piece);
    }
  }

  /** Sends the messages before an ordinal. @throws {MemoryError} */
  async sendOlder(connection: Connection, conversation: string, before: number): Promise<void> {
    const part = await this.#ports.history.older(keyFor({ user: connection.user, conversation }), before);
    const { messages } = part;
    connection.sendHistory(encodeFrame({ type: "older", conversation, before, messages, ...endOf(part) }));
    await connection.whenHistoryAllowed();
  }

  /** True if the page needs a history for this frame. Its draft is then outdated until it gets one. */
  #isBehind({ conversations }: Connection, frame: ServerFrame): boolean {
    if (frame.type !== "piece" && frame.type !== "done") return false;
    if (conversations.hasSeen(frame.conversation)) return false;
    if (conversations.staleDrafts.has(frame.conversation)) return frame.type === "done";
    conversations.staleDrafts.add(frame.conversation);
    return true;
  }

  async #refreshOrReport(connections: readonly Connection[], conversation: string): Promise<void> {
    const refreshing = this.#openOn(connections, conversation);
    const { errorFrames } = this.#ports;
    await Promise.all(
      connections.map((connection) =>
        errorFrames.runOrReport({ connection, code: "memory-unavailable" }, () => refreshing),
      ),
    );
  }
}

/** The frame fields that say whether older messages exist. */
function endOf({ more, isIncomplete }: HistoryPart): { readonly more?: number; readonly incomplete?: true } {
  return { ...(more === undefined ? {} : { more }), ...(isIncomplete === true ? { incomplete: true } : {}) };
}
