import { LRUCache } from "lru-cache";
import {
  GatewayDispatchEvents,
  MessageType,
  type Client,
  type GatewayChannelDeleteDispatchData,
  type GatewayMessageCreateDispatchData,
  type GatewayThreadCreateDispatchData,
  type GatewayThreadDeleteDispatchData,
} from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { roomIn } from "../api/channels.ts";
import type { RetryQueue } from "../api/retry-queue.ts";

const maxErased = 10_000;

export interface DeletedChannelsPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly retryQueue: RetryQueue;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly log: Log;
}

/** A conversation and its place. */
interface ListedConversation {
  readonly conversation: ConversationKey;
  readonly place: string;
}

/**
 * Erases the conversations of a thread or channel that people deleted; otherwise it would still be quoted in its
 * channel. It asks Discord first and logs each erasure: a bot that only loses access to a channel, or is removed from
 * a server, erases nothing.
 */
export class DeletedChannels {
  readonly #ports: DeletedChannelsPorts;
  /**
   * Threads that the bot opened and nobody has written in. Another replica may have deleted them; they hold nothing.
   */
  readonly #emptyThreads = new LRUCache<string, true>({ max: 1_000 });

  constructor(ports: DeletedChannelsPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { client, retryQueue } = this.#ports;
    client.ws.on(GatewayDispatchEvents.ThreadCreate, (thread: GatewayThreadCreateDispatchData) => {
      const isNew = "newly_created" in thread;
      if (isNew && thread.owner_id === client.user?.id) this.#emptyThreads.set(thread.id, true);
    });
    client.ws.on(GatewayDispatchEvents.MessageCreate, (message: GatewayMessageCreateDispatchData) => {
      if (message.type !== MessageType.ThreadStarterMessage) this.#emptyThreads.delete(message.channel_id);
    });
    client.ws.on(GatewayDispatchEvents.ThreadDelete, (thread: GatewayThreadDeleteDispatchData) => {
      const { id, guild_id: guild } = thread;
      if (this.#emptyThreads.has(id)) return;
      const { place } = roomIn(client, guild, thread);
      const conversation: ListedConversation = { conversation: `discord:${guild}:${id}`, place };
      retryQueue.run(id, (signal) => this.#erase(id, async () => [conversation], signal), "change");
    });
    client.ws.on(GatewayDispatchEvents.ChannelDelete, (channel: GatewayChannelDeleteDispatchData) => {
      if (!("guild_id" in channel) || channel.guild_id === undefined) return;
      const { id, guild_id: guild } = channel;
      // Private threads are places of their own, and discord.js is about to drop them from its cache.
      const threads = this.#threadsIn(guild, id);
      const all = async (signal: AbortSignal) => [
        ...(await this.#listedIn(`${guild}:${id}`, signal)),
        ...threads,
      ];
      retryQueue.run(id, (signal) => this.#erase(id, all, signal), "change");
    });
  }

  async #erase(
    channel: string,
    conversationsIn: (signal: AbortSignal) => Promise<readonly ListedConversation[]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { accept, log } = this.#ports;
    if (!(await this.#isDeleted(channel, signal))) {
      log.info({ channel }, "the bot lost access to a Discord channel that still exists; nothing is erased");
      return;
    }
    let erased = 0;
    for (const { conversation, place } of await conversationsIn(signal)) {
      const dedupeId = `${conversation}:gone`;
      const gone = { kind: "erased", conversation, dedupeId, platform: "discord", place } as const;
      if ((await accept(gone, signal)) === "stored") erased += 1;
    }
    if (erased > 0) {
      log.info({ channel, conversations: erased }, "erased the conversations of a deleted Discord channel");
    }
  }

  async #isDeleted(channel: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ports.api.channel(channel, signal);
      return false;
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      return error.kind === "gone";
    }
  }

  async #listedIn(place: string, signal: AbortSignal): Promise<readonly ListedConversation[]> {
    // Includes conversations that only the archive has, so it waits for the archive.
    return this.#ports.directory.all("discord", place, maxErased, signal);
  }

  #threadsIn(guild: string, parent: string): readonly ListedConversation[] {
    const { client } = this.#ports;
    return [...client.channels.cache.values()]
      .filter((channel) => channel.isThread() && channel.parentId === parent)
      .map(({ id }) => ({
        conversation: `discord:${guild}:${id}`,
        place: roomIn(client, guild, { id }).place,
      }));
  }
}
