import { ChannelType, MessageType, type APIMessage, type Client } from "discord.js";

import type { Message } from "../../../domain/message.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { NewConversation } from "../../../ports/platform-history.ts";
import type { Platform } from "../../../ports/platform.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { isRefusal } from "../api/api-errors.ts";
import { findRoom, type Room } from "../api/channels.ts";
import { toMessage } from "../inbound/quoted-message.ts";
import { byAge } from "../wire/snowflake.ts";
import { isChatMessage } from "../inbound/to-said.ts";

/** For all pages: the first answer waits. At the deadline, what was read so far counts. */
const deadlineMs = 5_000;
const pageSize = 100;
/** The bot's own posts and Discord's announcements are among them, and are not kept. */
const maxPages = 5;

export interface BackfillerPorts {
  readonly client: Client;
  readonly api: DiscordApi;
}

interface HistoryRead {
  /** By message id, unordered. */
  readonly messages: Map<string, APIMessage>;
  /** True if the channel's first message is among them. */
  isComplete: boolean;
}

/**
 * Reads the history of a thread or DM in which the bot is first called. A thread's first message is always included:
 * it says what the thread is about. REST responses lack server names, so people who have not written lately appear by
 * their account name.
 */
export class Backfiller {
  readonly #ports: BackfillerPorts;

  constructor(ports: BackfillerPorts) {
    this.#ports = ports;
  }

  readonly fetchHistory: NonNullable<Platform["fetchHistory"]> = async (begun, limit, signal) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const read: HistoryRead = { messages: new Map(), isComplete: false };
    try {
      const room = await this.#roomOf(begun, deadline);
      // A mention in a channel opens a new thread, which has no history.
      if (room.kind === "channel")
        return begun.before === undefined ? await this.#messageBegunOn(begun, deadline) : [];
      await this.#read(read, room.channel, begun.before, { limit, signal: deadline });
      await this.#addStarter(read, room, deadline);
      return this.#toMessages(read, room, limit);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PlatformError && error.kind === "gone") return [];
      throw error instanceof PlatformError || !deadline.aborted ? error : timedOut(error);
    }
  };

  async #roomOf({ conversation, before }: NewConversation, signal: AbortSignal): Promise<Room> {
    const [, first = "", channel = ""] = conversation.split(":", 3);
    if (first === "dm") return { kind: "direct", channel, place: `dm:${channel}` };
    // The new thread has the id of the message that starts it.
    if (channel === before) return { kind: "channel", channel, place: "" };
    return findRoom(this.#ports, { channel_id: channel, guild_id: first }, signal);
  }

  /** Who shows a private answer to everyone in a channel begins a conversation: it is about a message there. */
  async #messageBegunOn(
    { conversation, place }: NewConversation,
    signal: AbortSignal,
  ): Promise<readonly Message[]> {
    const [, guild, id = ""] = conversation.split(":", 3);
    const channel = place.slice(place.indexOf(":") + 1);
    // A command about the whole channel is about no message.
    if (id === channel) return [];
    const message = await this.#ports.api.message(channel, id, signal).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return undefined;
    });
    return message !== undefined && this.#isRelevant(message)
      ? [toMessage(this.#ports.client, message, guild)]
      : [];
  }

  /** Newest pages first. If a later page fails, the earlier ones are kept. */
  async #read(
    read: HistoryRead,
    channel: string,
    before: string | undefined,
    { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<void> {
    let oldest = before;
    for (let page = 1; page <= maxPages; page += 1) {
      const messages = await this.#page(read, channel, oldest, signal);
      if (messages === undefined) return;
      for (const message of messages) read.messages.set(message.id, message);
      oldest = messages.toSorted(byAge)[0]?.id;
      read.isComplete = messages.length < pageSize;
      const kept = [...read.messages.values()].filter((message) => this.#isRelevant(message));
      if (read.isComplete || kept.length >= limit) return;
    }
  }

  async #page(
    read: HistoryRead,
    channel: string,
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly APIMessage[] | undefined> {
    try {
      return await this.#ports.api.messagesBefore(channel, before, signal);
    } catch (error) {
      if (read.messages.size === 0) throw error;
      return undefined;
    }
  }

  /**
   * Adds the message that started the thread, unless it was deleted. It is in the channel; a forum's is in the
   * thread.
   */
  async #addStarter(
    read: HistoryRead,
    { kind, channel: thread, place }: Room,
    signal: AbortSignal,
  ): Promise<void> {
    if (kind !== "thread" || read.messages.has(thread)) return;
    const starterMark = [...read.messages.values()].find(
      ({ type }) => type === MessageType.ThreadStarterMessage,
    );
    let starter = starterMark?.referenced_message;
    const isUnknown = starterMark === undefined ? !read.isComplete : starter === undefined;
    const parent = place.slice(place.indexOf(":") + 1);
    // A private thread has no starting message.
    if (isUnknown && parent !== thread) {
      const channel = this.#isForum(parent) ? thread : parent;
      starter = await this.#ports.api.message(channel, thread, signal).catch(() => undefined);
    }
    if (starter !== undefined && starter !== null) read.messages.set(starter.id, starter);
  }

  #isForum(channel: string): boolean {
    const type = this.#ports.client.channels.cache.get(channel)?.type;
    return type === ChannelType.GuildForum || type === ChannelType.GuildMedia;
  }

  #isRelevant(message: APIMessage): boolean {
    return isChatMessage(message, this.#ports.client.user?.id ?? "");
  }

  #toMessages(read: HistoryRead, room: Room, limit: number): readonly Message[] {
    const all = [...read.messages.values()].filter((message) => this.#isRelevant(message)).toSorted(byAge);
    const starter = all.filter(({ id }) => id === room.channel);
    const others = all.filter(({ id }) => id !== room.channel);
    const newest = others.slice(Math.max(0, others.length - limit + starter.length));
    return [...starter, ...newest]
      .map((message) => toMessage(this.#ports.client, message, room.guild))
      .filter(({ text, attachments }) => text !== "" || attachments.length > 0);
  }
}

function timedOut(cause: unknown): PlatformError {
  return new PlatformError("unreachable", "Discord did not return the history in time", { cause });
}
