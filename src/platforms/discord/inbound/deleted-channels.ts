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
import { PlatformError } from "../../../ports/platform.ts";
import { RecentSet } from "../../../runtime/recent-set.ts";
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

/** A conversation, and where it is listed. */
interface ListedConversation {
  readonly conversation: ConversationKey;
  readonly place: string;
}

/**
 * Erases what was said in a thread or a channel that people have deleted: to its members all of it is gone, and what a
 * person deletes disappears. Were it kept, a deleted thread would go on being quoted wherever its channel is read. It is
 * done only when Discord itself says that there is no such channel, and the operator is told: who merely loses sight
 * of a channel, or is removed from a server, forgets nothing.
 */
export class DeletedChannels {
  readonly #ports: DeletedChannelsPorts;
  /** Threads of our own in which nobody has written: any replica of ours may have removed them, and nothing went with them. */
  readonly #empty = new RecentSet(1_000);

  constructor(ports: DeletedChannelsPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { client, retryQueue } = this.#ports;
    client.ws.on(GatewayDispatchEvents.ThreadCreate, (thread: GatewayThreadCreateDispatchData) => {
      const isNew = "newly_created" in thread;
      if (isNew && thread.owner_id === client.user?.id) this.#empty.add(thread.id);
    });
    client.ws.on(GatewayDispatchEvents.MessageCreate, (message: GatewayMessageCreateDispatchData) => {
      if (message.type !== MessageType.ThreadStarterMessage) this.#empty.delete(message.channel_id);
    });
    client.ws.on(GatewayDispatchEvents.ThreadDelete, (thread: GatewayThreadDeleteDispatchData) => {
      const { id, guild_id: guild } = thread;
      if (this.#empty.has(id)) return;
      const { place } = roomIn(client, guild, thread);
      const listed: ListedConversation = { conversation: `discord:${guild}:${id}`, place };
      retryQueue.run(id, (signal) => this.#erase(id, async () => [listed], signal), "change");
    });
    client.ws.on(GatewayDispatchEvents.ChannelDelete, (channel: GatewayChannelDeleteDispatchData) => {
      if (!("guild_id" in channel) || channel.guild_id === undefined) return;
      const { id, guild_id: guild } = channel;
      // Private threads are listed in places of their own; discord.js is about to forget them.
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
    listed: (signal: AbortSignal) => Promise<readonly ListedConversation[]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { accept, log } = this.#ports;
    if (!(await this.#isGone(channel, signal))) {
      log.info({ channel }, "a Discord channel is out of our sight, but not gone: nothing is erased");
      return;
    }
    let erased = 0;
    for (const { conversation, place } of await listed(signal)) {
      const dedupeId = `${conversation}:gone`;
      const gone = { kind: "erased", conversation, dedupeId, platform: "discord", place } as const;
      if ((await accept(gone, signal)) === "stored") erased += 1;
    }
    if (erased > 0) {
      log.info({ channel, conversations: erased }, "what was said in a deleted Discord channel is erased");
    }
  }

  async #isGone(channel: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ports.api.channel(channel, signal);
      return false;
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      return error.kind === "gone";
    }
  }

  async #listedIn(place: string, signal: AbortSignal): Promise<readonly ListedConversation[]> {
    // What only the archive knows goes too: it is waited for.
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
