import type { CommandDefinition } from "../../domain/command.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { Recollection } from "../../domain/recollection.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import { MemoryError, type Memory } from "../../ports/memory.ts";
import type { Connection, ConnectionListener } from "./connection.ts";
import type { ConversationViews } from "./conversation-view.ts";
import type { ClientFrame, ErrorCode, ServerFrame } from "./protocol.ts";
import { RateLimit } from "./rate-limit.ts";
import { idOf, readFrame } from "./read-frame.ts";
import { conversationOf, keyFor, toInbound } from "./to-inbound.ts";

const acceptMs = 10_000;
const mostListed = 200;

export interface ChatPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly memory: Memory;
  readonly commands: readonly CommandDefinition[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly isDemo: boolean;
}

/** Talks to the open pages: takes their frames, and shows each user's conversations on all of the user's pages. */
export class ChatServer implements ConnectionListener {
  readonly #ports: ChatPorts;
  readonly #views: ConversationViews;
  readonly #byUser = new Map<string, Set<Connection>>();
  readonly #limits = new WeakMap<Connection, RateLimit>();

  constructor(ports: ChatPorts, views: ConversationViews) {
    this.#ports = ports;
    this.#views = views;
  }

  /** The welcome comes before anything that answers the client's own frames. */
  welcome(connection: Connection): void {
    const connections = this.#byUser.get(connection.user) ?? new Set();
    this.#byUser.set(connection.user, connections.add(connection));
    connection.enqueue(() =>
      this.#guarded({ connection, code: "memory-unavailable" }, () => this.#list(connection)),
    );
  }

  get connections(): readonly Connection[] {
    return Array.from(this.#byUser.values(), (each) => Array.from(each)).flat();
  }

  /** Shows something on all pages of a user. */
  show(user: string, frame: ServerFrame): void {
    for (const connection of this.#byUser.get(user) ?? []) connection.send(frame);
  }

  /** Shows a conversation afresh on all pages of a user, or on all but one. Never rejects. */
  async showHistory(user: string, conversation: string, except?: Connection): Promise<void> {
    for (const connection of this.#byUser.get(user) ?? []) {
      if (connection === except) continue;
      await this.#guarded({ connection, code: "memory-unavailable" }, () =>
        this.#open(connection, conversation),
      );
    }
  }

  readonly onText = (text: string, connection: Connection): void => {
    const limit = this.#limits.get(connection) ?? new RateLimit();
    this.#limits.set(connection, limit);
    switch (limit.take(this.#ports.clock.nowMs())) {
      case "pass":
        connection.enqueue(() => this.#take(text, connection));
        break;
      case "warn":
        this.#refuse(
          { connection, code: "slow-down", id: idOf(text) },
          "Too many frames: at most 20 a second are taken.",
        );
        break;
      case "drop":
        break;
      case "close":
        connection.close(1008, "too many frames");
    }
  };

  readonly onBinary = (connection: Connection): void => {
    this.#refuse({ connection, code: "bad-frame" }, "Frames are JSON objects in text frames.");
  };

  readonly onClose = (connection: Connection): void => {
    const connections = this.#byUser.get(connection.user);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byUser.delete(connection.user);
  };

  async #take(text: string, connection: Connection): Promise<void> {
    const read = readFrame(text);
    if ("fault" in read) {
      this.#refuse({ connection, ...read.fault }, read.fault.message);
      return;
    }
    const data = read.frame;
    if (data.type === "list" || data.type === "open") {
      await this.#guarded({ connection, code: "memory-unavailable" }, () =>
        data.type === "list" ? this.#list(connection) : this.#open(connection, data.conversation),
      );
    } else {
      const id = "id" in data ? data.id : undefined;
      await this.#guarded({ connection, code: "not-stored", id }, () => this.#store(data, connection));
    }
  }

  async #store(
    frame: Exclude<ClientFrame, { readonly type: "list" | "open" }>,
    connection: Connection,
  ): Promise<void> {
    const { accept, clock, ids, directory, commands } = this.#ports;
    const { user } = connection;
    const { conversation } = frame;
    const signal = AbortSignal.timeout(acceptMs);
    if (frame.type === "command" && !commands.some(({ name }) => name === frame.name)) {
      this.#refuse(
        { connection, code: "unknown-command", id: frame.id },
        `There is no command /${frame.name}.`,
      );
      return;
    }
    if (frame.type === "rename") {
      await directory.rename(keyFor(user, conversation), frame.title, signal);
      this.show(user, { type: "renamed", conversation, title: frame.title });
    } else {
      const id = "id" in frame ? frame.id : ids.turn();
      const acceptance = await accept(toInbound(frame, user, id, clock.nowMs()), signal);
      if (acceptance === "stored") this.#follow(frame, keyFor(user, conversation));
    }
    if ("id" in frame) connection.send({ type: "accepted", id: frame.id, conversation });
    if (frame.type === "remove") this.show(user, { type: "removed", conversation });
    // The page that sent it shows it by itself.
    if (isSeenByOthers(frame)) await this.showHistory(user, conversation, connection);
  }

  #follow(frame: ClientFrame, key: ConversationKey): void {
    if (frame.type === "say") {
      // What looks like a command may be taken as one, and then it never is a message.
      if (/^\s*[/!]/u.test(frame.text)) return;
      const message = { id: frame.id, role: "user", text: frame.text } as const;
      this.#views.addSaid(key, { ...message, atMs: this.#ports.clock.nowMs() });
    } else if (frame.type === "edit") {
      this.#views.change(key, frame.message, frame.text);
    } else if (frame.type === "delete") {
      this.#views.change(key, frame.message, undefined);
    } else if (frame.type === "remove") {
      this.#views.forget(key);
    }
  }

  async #list(connection: Connection): Promise<void> {
    const { directory, isDemo, commands } = this.#ports;
    const signal = AbortSignal.timeout(acceptMs);
    const entries = await directory.recent("web", connection.user, mostListed, signal);
    connection.send({
      type: "welcome",
      user: connection.user,
      demo: isDemo,
      conversations: entries.map(({ conversation, title, lastAtMs }) => ({
        id: conversationOf(conversation),
        title,
        atMs: lastAtMs,
      })),
      commands,
    });
  }

  async #open(connection: Connection, conversation: string): Promise<void> {
    const key = keyFor(connection.user, conversation);
    const recollection = await this.#recall(key);
    const messages = this.#views.history(key, recollection);
    connection.send({ type: "history", conversation, messages, chapter: recollection?.chapter ?? 1 });
    const running = this.#views.running(key);
    if (running !== undefined) connection.send({ type: "piece", conversation, ...running });
  }

  /** A turn that finishes while memory is read would be in neither what is read nor what waits: read again. */
  async #recall(key: ConversationKey): Promise<Recollection | undefined> {
    for (;;) {
      using look = this.#views.look(key);
      const { recollection } = await this.#ports.memory.recall(key, AbortSignal.timeout(acceptMs));
      if (!look.isStale) return recollection;
    }
  }

  async #guarded(refusal: Refusal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const code = error instanceof MemoryError ? "memory-unavailable" : refusal.code;
      const message =
        code === "not-stored"
          ? "That could not be stored. Please send it again."
          : "I can't reach my memory right now. Please try again in a moment.";
      this.#refuse({ ...refusal, code }, message, error);
    }
  }

  #refuse({ connection, code, id }: Refusal, message: string, error?: unknown): void {
    const reference = this.#ports.ids.reference();
    connection.send({ type: "error", ...(id === undefined ? {} : { id }), code, message, reference });
    const { log } = this.#ports;
    if (error === undefined) log.info({ code, reference }, "a frame was refused");
    else log.error({ err: error, code, reference }, "a frame failed");
  }
}

interface Refusal {
  readonly connection: Connection;
  readonly code: ErrorCode;
  /** The frame's own. */
  readonly id?: string | undefined;
}

function isSeenByOthers({ type }: ClientFrame): boolean {
  return type === "say" || type === "edit" || type === "delete";
}
