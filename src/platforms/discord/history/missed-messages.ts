import { ChannelType, type AnyThreadChannel, type APIMessage, type Client } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Said } from "../../../domain/inbound.ts";
import type { Log } from "../../../ports/log.ts";
import type { KnownPlace } from "../../../ports/platform-history.ts";
import { isRefusal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import type { MessageReceiver } from "../inbound/message-receiver.ts";
import { isPermanent } from "../api/is-permanent.ts";
import { byAge, idBefore, isOlder } from "../wire/snowflake.ts";
import type { GatewayMessage } from "../inbound/to-said.ts";

const pageSize = 100;
/** Per channel and stretch. */
const maxPages = 5;
/** Per place and kind; the newest ones. */
const maxThreads = { known: 200, new: 50 } as const;
/** The two clocks may differ. Reading a message twice is harmless. */
const clockToleranceMs = 60_000;

interface UnreadStretch {
  readonly channel: string;
  /** The last known message. */
  readonly after: string;
  /** The first id of the downtime, if it is known. */
  readonly downtimeFrom: string | undefined;
}

export interface MissedMessagesPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly receiver: MessageReceiver;
  readonly log: Log;
}

/** Fetches the messages that were missed while the bot was offline, and reads them like events of the gateway. */
export class MissedMessages {
  readonly #ports: MissedMessagesPorts;

  constructor(ports: MissedMessagesPorts) {
    this.#ports = ports;
  }

  /** Unknown threads are included if the gateway has announced them. @throws {PlatformError} */
  readonly fetchMissed = async (known: KnownPlace, signal: AbortSignal): Promise<readonly Said[]> => {
    const [first = "", place = ""] = known.place.split(":", 2);
    const guild = first === "dm" ? {} : { guild_id: first };
    const found = new Map<string, GatewayMessage>();
    for (const unread of this.#unreadIn(place, known)) {
      for (const message of await this.#messagesOf(unread, signal)) {
        found.set(message.id, Object.assign(message, guild));
      }
    }
    return this.#toSaid([...found.values()].toSorted(byAge), signal);
  };

  async #toSaid(messages: readonly GatewayMessage[], signal: AbortSignal): Promise<readonly Said[]> {
    const { receiver, log } = this.#ports;
    const all: Said[] = [];
    // None is stored yet, and later messages may reply to earlier ones.
    const conversations = new Map<string, ConversationKey>();
    for (const message of messages) {
      try {
        const said = await receiver.read(message, signal, conversations);
        if (said === undefined) continue;
        conversations.set(message.id, said.conversation);
        all.push(said);
      } catch (error) {
        if (!isPermanent(error)) throw error;
        log.error(
          { err: error },
          "a missed Discord message has an unexpected shape; it is skipped, please report it",
        );
      }
    }
    return all;
  }

  /** The place itself, where new conversations start, and its threads. */
  #unreadIn(place: string, { conversations, missedFromMs }: KnownPlace): readonly UnreadStretch[] {
    const downtimeFrom = missedFromMs === undefined ? undefined : idBefore(missedFromMs - clockToleranceMs);
    const said = conversations.flatMap(({ lastMessage: id }) => (id === undefined ? [] : [{ id }]));
    const newest = said.toSorted(byAge).at(-1)?.id ?? downtimeFrom;
    if (newest === undefined) return [];
    const since = (last: string): string => {
      // A message stored after the downtime says nothing about the messages during it.
      return downtimeFrom !== undefined && isOlder(downtimeFrom, last) ? downtimeFrom : last;
    };
    const places: UnreadStretch[] = [{ channel: place, after: since(newest), downtimeFrom }];
    const isRead = new Set([place]);
    for (const { conversation, lastMessage = newest } of conversations.slice(0, maxThreads.known)) {
      const channel = conversation.slice(conversation.lastIndexOf(":") + 1);
      if (!isRead.has(channel)) places.push({ channel, after: since(lastMessage), downtimeFrom });
      isRead.add(channel);
    }
    const others = this.#openThreads(place, since(newest)).filter((channel) => !isRead.has(channel));
    return [...places, ...others.map((channel) => ({ channel, after: since(newest), downtimeFrom }))];
  }

  /**
   * The channel's threads with messages since then, as announced by the gateway; the newest first. Private threads
   * are places of their own.
   */
  #openThreads(parent: string, since: string): readonly string[] {
    const channel = this.#ports.client.channels.cache.get(parent);
    if (channel === undefined || !("threads" in channel)) return [];
    const threads: readonly AnyThreadChannel[] = [...channel.threads.cache.values()];
    return threads
      .map(({ id, type, lastMessageId }) => ({ channel: id, type, id: lastMessageId ?? "0" }))
      .filter(({ type, id }) => type !== ChannelType.PrivateThread && isOlder(since, id))
      .toSorted((a, b) => byAge(b, a))
      .slice(0, maxThreads.new)
      .map((thread) => thread.channel);
  }

  async #messagesOf(
    { channel, after, downtimeFrom }: UnreadStretch,
    signal: AbortSignal,
  ): Promise<readonly APIMessage[]> {
    const read = await this.#pagesAfter(channel, after, signal);
    const last = read.at(-1)?.id;
    if (last === undefined || read.length < pageSize * maxPages) return read;
    this.#ports.log.info(
      { messages: read.length },
      "a Discord channel has more missed messages than are fetched",
    );
    // The limit was spent on messages from before the downtime; those during it matter more.
    if (downtimeFrom === undefined || !isOlder(last, downtimeFrom)) return read;
    return [...read, ...(await this.#pagesAfter(channel, downtimeFrom, signal))];
  }

  /** Oldest first. Empty if the channel is deleted, hidden from the bot, or holds no messages. */
  async #pagesAfter(channel: string, after: string, signal: AbortSignal): Promise<readonly APIMessage[]> {
    const read: APIMessage[] = [];
    for (let page = 0; page < maxPages; page += 1) {
      const last = read.at(-1)?.id ?? after;
      const messages = await emptyIfRefused(this.#ports.api.messagesAfter(channel, last, signal));
      read.push(...messages.toSorted(byAge));
      if (messages.length < pageSize) break;
    }
    return read;
  }
}

async function emptyIfRefused(reading: Promise<readonly APIMessage[]>): Promise<readonly APIMessage[]> {
  try {
    return await reading;
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}
