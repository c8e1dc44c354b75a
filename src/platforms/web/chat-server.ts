import type { CommandDefinition } from "../../domain/command.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Broadcast } from "../../ports/broadcast.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import type { Memory } from "../../ports/memory.ts";
import type { UsageCounters } from "../../ports/usage.ts";
import { AddressLimit } from "./connection/address-limit.ts";
import type { Connection, ConnectionListener } from "./connection/connection.ts";
import { looksLikeCommand } from "./history/looks-like-command.ts";
import type { LiveUpdates } from "./outbound/live-updates.ts";
import type { PageConnections } from "./outbound/page-connections.ts";
import type { ClientFrame } from "./wire/protocol.ts";
import { frameIdOf, readFrame } from "./inbound/read-frame.ts";
import type { Refusal, ErrorFrames } from "./connection/error-frames.ts";
import { maxListed } from "./outbound/titles.ts";
import { toInbound } from "./inbound/to-inbound.ts";
import { isStored } from "./inbound/is-stored.ts";
import { takeFiles } from "./inbound/take-files.ts";
import { welcomeFrame } from "./outbound/welcome-frame.ts";
import { giveCommand, unknownCommandIn } from "./inbound/unknown-command.ts";
import { shownFiles } from "./files/shown-files.ts";
import type { Uploads } from "./files/uploads.ts";
import { keyFor } from "./wire/keys.ts";
import { asksAgain, verdictOf } from "./wire/reply-buttons.ts";

const acceptDeadlineMs = 10_000;
/** Frames that may make the model answer, beside some presses. */
const countedFrames: ReadonlySet<ClientFrame["type"]> = new Set(["say", "edit", "command"]);
const switchedOffText =
  "I'm switched off here, so I've stored nothing. Commands such as `/export` still work.";
const limitReachedText =
  "Your network has reached its daily limit. Please try again tomorrow (UTC), or ask your admin for more.";

export interface ChatPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly memories: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  /** Missing: pages show only what memory holds. */
  readonly archive?: Archive;
  readonly broadcast: Broadcast;
  readonly usage: UsageCounters;
  readonly commands: readonly CommandDefinition[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly isDemo: boolean;
  /** True if people sign in with a token, and so can sign out. */
  readonly hasSignOut?: boolean;
  /** True if a transcriber is set. */
  readonly hearsVoice?: boolean;
  /** LIMIT_ADDRESS_TURNS: messages and commands per address and day. 0 or missing: no limit. */
  readonly addressTurns?: number;
}

interface ChatParts {
  readonly uploads: Uploads;
  readonly pages: PageConnections;
  readonly liveUpdates: LiveUpdates;
  readonly errorFrames: ErrorFrames;
}

/** Handles the frames of open pages. */
export class ChatServer implements ConnectionListener {
  readonly #ports: ChatPorts;
  readonly #parts: ChatParts;
  readonly #addresses: AddressLimit;

  constructor(ports: ChatPorts, parts: ChatParts) {
    this.#ports = ports;
    this.#parts = parts;
    this.#addresses = new AddressLimit(ports, ports.addressTurns ?? 0);
  }

  /** Sends the welcome before any response to the client's own frames. */
  welcome(connection: Connection): void {
    this.#parts.pages.add(connection);
    connection.enqueue(() =>
      this.#runOrReport({ connection, code: "memory-unavailable" }, () => this.#list(connection)),
    );
  }

  readonly onText = (text: string, connection: Connection): void => {
    connection.enqueue(() => this.#handleFrame(text, connection));
  };

  readonly onTooManyFrames = (text: string, connection: Connection): void => {
    const refusal = { connection, code: "slow-down", id: frameIdOf(text) } as const;
    this.#refuse(refusal, "Too many frames: the limit is 20 a second.");
  };

  readonly onBinary = (connection: Connection): void => {
    this.#refuse({ connection, code: "bad-frame" }, "Frames are JSON objects in text frames.");
  };

  readonly onClose = (connection: Connection): void => {
    this.#parts.pages.remove(connection);
  };

  async #handleFrame(text: string, connection: Connection): Promise<void> {
    const read = readFrame(text);
    if ("fault" in read) {
      this.#refuse({ connection, ...read.fault }, read.fault.message);
      return;
    }
    const data = read.frame;
    if (data.type === "list") {
      await this.#runOrReport({ connection, code: "memory-unavailable" }, () => this.#list(connection));
    } else if (data.type === "open") {
      connection.conversations.markActive(data.conversation);
      await this.#runOrReport({ connection, code: "memory-unavailable" }, () =>
        this.#open(connection, data.conversation),
      );
    } else if (data.type === "older") {
      await this.#runOrReport({ connection, code: "memory-unavailable" }, () =>
        this.#parts.pages.sendOlder(connection, data.conversation, data.before),
      );
    } else {
      connection.conversations.markActive(data.conversation);
      const id = "id" in data ? data.id : undefined;
      await this.#runOrReport({ connection, code: "not-stored", id }, () => this.#store(data, connection));
    }
  }

  async #store(
    frame: Exclude<ClientFrame, { readonly type: "list" | "open" | "older" }>,
    connection: Connection,
  ): Promise<void> {
    const { directory, commands } = this.#ports;
    const { liveUpdates } = this.#parts;
    const { user } = connection;
    const { conversation } = frame;
    const place = { user, conversation };
    const signal = AbortSignal.timeout(acceptDeadlineMs);
    const unknown = unknownCommandIn(frame, commands);
    if (unknown !== undefined) {
      this.#refuse(
        { connection, code: "unknown-command", id: unknown.id },
        `I don't know the command /${unknown.name}.`,
      );
    } else if (frame.type === "rename") {
      await directory.rename(keyFor(place), frame.title, signal);
      liveUpdates.publish({ kind: "retitled", ...place });
      connection.send({ type: "accepted", id: frame.id, conversation });
    } else {
      await this.#accept(frame, connection, signal);
    }
  }

  async #accept(
    frame: Parameters<typeof toInbound>[0],
    connection: Connection,
    signal: AbortSignal,
  ): Promise<void> {
    const { accept, clock, ids, commands } = this.#ports;
    const { user, address } = connection;
    const { conversation } = frame;
    const id = "id" in frame ? frame.id : ids.turn();
    const nowMs = clock.nowMs();
    const { uploads } = this.#parts;
    const taken = await takeFiles({ uploads, commands }, frame, { user, nowMs }, signal);
    if ("code" in taken) {
      // Its files may be gone since: a recording is, once it was listened to.
      const isRepeated =
        taken.code === "file-gone" && (await isStored(this.#ports, { user, conversation }, id, signal));
      if (isRepeated) {
        connection.send({ type: "accepted", id, conversation });
        return;
      }
      const { message, ...fault } = taken;
      this.#refuse({ connection, id, ...fault }, message);
      return;
    }
    if (!(await this.#isAdmitted(frame, connection, signal))) {
      this.#refuse({ connection, code: "limit-reached", id }, limitReachedText);
      return;
    }
    const { attachments } = taken;
    const acceptance = await accept(toInbound(frame, connection, { id, nowMs, attachments }), signal);
    if (acceptance !== "stored" && isCounted(frame)) await this.#addresses.refund(address, signal);
    if (acceptance === "ignored" && frame.type === "say") {
      this.#refuse({ connection, code: "switched-off", id }, switchedOffText);
      return;
    }
    await taken.keep(signal);
    const files = shownFiles(attachments);
    if ("id" in frame) connection.send({ type: "accepted", id: frame.id, conversation, ...files });
    // What a repeated removal or press did is shown again, for pages that missed it.
    if (acceptance === "stored" || ["remove", "press"].includes(frame.type)) this.#publish(frame, connection);
  }

  async #isAdmitted(frame: ClientFrame, { address }: Connection, signal: AbortSignal): Promise<boolean> {
    return !isCounted(frame) || this.#addresses.admit(address, signal);
  }

  #publish(frame: ClientFrame, { user, page }: Connection): void {
    const { liveUpdates } = this.#parts;
    if (frame.type === "say") {
      // It may turn out to be a command, which never becomes a message.
      if (looksLikeCommand(frame.text, this.#ports.commands)) return;
      const { conversation, id: said } = frame;
      liveUpdates.publish({ kind: "changed", user, conversation, pages: "all", page, said });
    } else if (frame.type === "edit" || frame.type === "delete") {
      liveUpdates.publish({ kind: "changed", user, conversation: frame.conversation, pages: "all", page });
    } else if (frame.type === "remove") {
      liveUpdates.show(user, { type: "removed", conversation: frame.conversation });
    } else if (frame.type === "press") {
      const { conversation, action, on } = frame;
      const verdict = verdictOf(action);
      if (asksAgain(action)) liveUpdates.publish({ kind: "changed", user, conversation, pages: "all" });
      else if (verdict !== undefined && on !== undefined)
        liveUpdates.show(user, { type: "rated", conversation, on, verdict });
    }
  }

  async #list(connection: Connection): Promise<void> {
    const { directory } = this.#ports;
    const signal = AbortSignal.timeout(acceptDeadlineMs);
    const entries = await directory.recent("web", connection.user, maxListed, signal);
    connection.send(welcomeFrame(this.#ports, connection.user, entries));
  }

  async #open(connection: Connection, conversation: string): Promise<void> {
    const place = { user: connection.user, conversation };
    const { pages, liveUpdates } = this.#parts;
    await pages.open(connection, conversation);
    liveUpdates.requestDraftIfUnknown(place);
  }

  #runOrReport(refusal: Refusal, work: () => Promise<void>): Promise<void> {
    return this.#parts.errorFrames.runOrReport(refusal, work);
  }

  #refuse(refusal: Refusal, message: string): void {
    this.#parts.errorFrames.refuse(refusal, message);
  }
}

/** A press under a request belongs to a question that was counted. */
function isCounted(frame: ClientFrame): boolean {
  if (frame.type === "press") return frame.action === giveCommand || asksAgain(frame.action);
  return countedFrames.has(frame.type);
}
