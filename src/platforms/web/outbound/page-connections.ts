import { encodeFrame, type Connection } from "../connection/connection.ts";
import { isRemembered, type ConversationViews } from "../history/conversation-views.ts";
import type { HistoryPart, HistoryReader, NewestHistory } from "../history/history-reader.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import type { ErrorFrames } from "../connection/error-frames.ts";
import { RefreshQueue } from "./refresh-queue.ts";
import { type WebPlace, keyFor } from "../wire/keys.ts";

interface PagesPorts {
  readonly history: HistoryReader;
  readonly views: ConversationViews;
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

  /** Sends a frame to all pages of a user. Pages with an outdated draft get no pieces, as a history follows. */
  send(user: string, frame: ServerFrame): void {
    const bytes = encodeFrame(frame);
    for (const connection of this.#byUser.get(user) ?? []) {
      if (frame.type === "piece" && connection.conversations.staleDrafts.has(frame.conversation)) continue;
      if (frame.type === "done") connection.conversations.staleDrafts.delete(frame.conversation);
      connection.sendEncoded(bytes);
    }
  }

  /** Sends the current history to all pages of a user, or to all but one. Never rejects. */
  async refreshAll(place: WebPlace, exceptPage?: string): Promise<void> {
    const connections = this.of(place.user).filter(({ page }) => page !== exceptPage);
    await this.#refreshes.add(place, connections);
  }

  /** Replaces the draft on all pages of a user, because its beginning has changed. Never rejects. */
  async restartDraft(place: WebPlace): Promise<void> {
    for (const connection of this.of(place.user))
      connection.conversations.staleDrafts.add(place.conversation);
    await this.refreshAll(place);
  }

  /** Sends the current history to the user's pages that have the conversation open. Never rejects. */
  async refreshActive(place: WebPlace): Promise<void> {
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
    const { views } = this.#ports;
    const key = keyFor(place);
    const { conversation } = place;
    const behind = connections.filter((each) => each.conversations.isNewest(conversation, part.order));
    if (behind.length === 0) return;
    const { memory } = part;
    views.confirmRemoval(key, memory);
    const { chapter, since } = memory ?? { chapter: 1, since: 1 };
    const messages = views.history(key, part.messages);
    const history = encodeFrame({ type: "history", conversation, messages, chapter, since, ...endOf(part) });
    const running = views.running(key);
    const isRunning = running !== undefined && !isRemembered(memory, running.turn);
    const piece = isRunning ? encodeFrame({ type: "piece", conversation, ...running }) : undefined;
    for (const each of behind) {
      each.sendHistory(history);
      each.conversations.staleDrafts.delete(conversation);
      if (piece !== undefined) each.sendEncoded(piece);
    }
  }

  /** Sends the messages before an ordinal. @throws {MemoryError} */
  async sendOlder(connection: Connection, conversation: string, before: number): Promise<void> {
    const { history, views } = this.#ports;
    const key = keyFor({ user: connection.user, conversation });
    const part = await history.older(key, before);
    const messages = views.withChanges(key, part.messages);
    connection.sendHistory(encodeFrame({ type: "older", conversation, before, messages, ...endOf(part) }));
    await connection.whenHistoryAllowed();
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
