import { randomUUID } from "node:crypto";

import {
  GatewayDispatchEvents,
  type Client,
  type GatewayMessageReactionAddDispatchData,
  type GatewayMessageReactionRemoveDispatchData,
} from "discord.js";

import type { CommandInbound } from "../../../domain/inbound.ts";
import { unknownName } from "../../../domain/message.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { conversationOf, findRoom, type Room } from "../api/channels.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { addressOf } from "../wire/address.ts";
import { fallbackConversation } from "./locate-message.ts";

const muteEmoji = "🔇";

type Added = GatewayMessageReactionAddDispatchData;
type Removed = GatewayMessageReactionRemoveDispatchData;

interface ReactionPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly retryQueue: RetryQueue;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly clock: Clock;
}

/**
 * Takes 🔇 on a message for a command: `mute` where a person adds it, `unmute` where they remove it. It listens to raw gateway
 * events: discord.js leaves out reactions to messages that it has not cached.
 * https://docs.discord.com/developers/events/gateway-events#message-reaction-add
 */
export class Reactions {
  readonly #ports: ReactionPorts;

  constructor(ports: ReactionPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { ws } = this.#ports.client;
    ws.on(GatewayDispatchEvents.MessageReactionAdd, (added: Added) => {
      if (added.member?.user?.bot !== true) this.#take(added, "mute");
    });
    ws.on(GatewayDispatchEvents.MessageReactionRemove, (removed: Removed) => this.#take(removed, "unmute"));
  }

  #take(reaction: Added | Removed, name: string): void {
    const { client, retryQueue, clock } = this.#ports;
    // A busy server has thousands of others.
    if (reaction.emoji.name !== muteEmoji || reaction.user_id === client.user?.id) return;
    // The event has no id and no time, so each replica stores it. A second time it changes nothing.
    const given = { name, dedupeId: `discord:reaction:${randomUUID()}`, saidAtMs: clock.nowMs() };
    retryQueue.run(reaction.channel_id, (signal) => this.#store(reaction, given, signal), "change");
  }

  async #store(
    reaction: Added | Removed,
    given: Pick<CommandInbound, "name" | "dedupeId" | "saidAtMs">,
    signal: AbortSignal,
  ): Promise<void> {
    const { channel_id: channel, message_id: message, user_id: user } = reaction;
    const room = await findRoom(this.#ports, reaction, signal);
    const how = room.kind === "direct" ? "direct" : "reply";
    const command: CommandInbound = {
      ...given,
      kind: "commanded",
      conversation: await this.#conversationOf(room, message, signal),
      platform: "discord",
      place: room.place,
      argument: "",
      by: { id: user, name: this.#nameOf(reaction) },
      reactedTo: message,
      replyTo: addressOf({ how, channel, message, user }),
    };
    await this.#ports.accept(command, signal);
  }

  /** In a plain channel, a message without a thread is known by its id alone. @throws {ArchiveError} */
  async #conversationOf(
    room: Room,
    message: string,
    signal: AbortSignal,
  ): Promise<CommandInbound["conversation"]> {
    if (room.kind !== "channel") return conversationOf(room);
    const located = await this.#ports.directory.locate("discord", room.place, message, signal);
    return located ?? fallbackConversation(room, message);
  }

  #nameOf(reaction: Added | Removed): string {
    const member = "member" in reaction ? reaction.member : undefined;
    const user = member?.user;
    const known = member?.nick ?? user?.global_name ?? user?.username;
    return known ?? this.#ports.client.users.cache.get(reaction.user_id)?.displayName ?? unknownName;
  }
}
