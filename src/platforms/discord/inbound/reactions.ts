import { randomUUID } from "node:crypto";

import {
  GatewayDispatchEvents,
  type Client,
  type GatewayMessageReactionAddDispatchData,
  type GatewayMessageReactionRemoveAllDispatchData,
  type GatewayMessageReactionRemoveDispatchData,
  type GatewayMessageReactionRemoveEmojiDispatchData,
} from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import { unknownName } from "../../../domain/message.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import { isRefusal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { conversationOf, findRoom, type Room } from "../api/channels.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { addressOf } from "../wire/address.ts";
import { fallbackConversation, lookUp, type Location } from "./locate-message.ts";

const muteEmoji = "🔇";

type Added = GatewayMessageReactionAddDispatchData;
type Removed = GatewayMessageReactionRemoveDispatchData;
/** Who may delete messages removes all reactions to one, or all with one emoji. */
type Cleared = GatewayMessageReactionRemoveAllDispatchData | GatewayMessageReactionRemoveEmojiDispatchData;

/** The message, and where it is. */
type Reacted = Pick<Added, "channel_id" | "message_id" | "guild_id" | "message_author_id">;
type Change = Pick<CommandInbound, "name" | "by" | "ofEveryone" | "rights">;
type Given = Change & Pick<CommandInbound, "dedupeId" | "saidAtMs">;

interface ReactionPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly retryQueue: RetryQueue;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly clock: Clock;
}

/**
 * Takes 🔇 on a message for a command: `mute` where a person adds it, `unmute` where they remove it, or where all are removed. It
 * listens to raw gateway events: discord.js leaves out reactions to messages that it has not cached.
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
    const clear = (cleared: Cleared): void => this.#clear(cleared);
    ws.on(GatewayDispatchEvents.MessageReactionRemoveAll, clear);
    ws.on(GatewayDispatchEvents.MessageReactionRemoveEmoji, clear);
  }

  #take(reaction: Added | Removed, name: string): void {
    // A busy server has thousands of others.
    if (reaction.emoji.name !== muteEmoji || reaction.user_id === this.#ports.client.user?.id) return;
    this.#queue(reaction, { name, by: { id: reaction.user_id, name: this.#nameOf(reaction) } });
  }

  /** Discord tells neither who did it, nor, of all reactions, which there were. */
  #clear(cleared: Cleared): void {
    if ("emoji" in cleared && cleared.emoji.name !== muteEmoji) return;
    const { user } = this.#ports.client;
    const by = { id: user?.id ?? "", name: user?.displayName ?? unknownName };
    this.#queue(cleared, { name: "unmute", by, ofEveryone: true, rights: ["read", "write"] });
  }

  #queue(at: Reacted, change: Change): void {
    const { retryQueue, clock } = this.#ports;
    // The event has no id and no time, so each replica stores it. A second time it changes nothing.
    const given = { ...change, dedupeId: `discord:reaction:${randomUUID()}`, saidAtMs: clock.nowMs() };
    retryQueue.run(at.channel_id, (signal) => this.#store(at, given, signal), "change");
  }

  async #store(at: Reacted, given: Given, signal: AbortSignal): Promise<void> {
    const { directory, retryQueue } = this.#ports;
    const { message_id: message } = at;
    const room = await findRoom(this.#ports, at, signal);
    if (room.kind !== "channel")
      return this.#accept(room, given, { message, to: conversationOf(room) }, signal);
    // In a plain channel, a message without a thread is known by its id alone.
    const { located, isUnknown } = await this.#lookUp(at, given, room, signal);
    const to = located ?? fallbackConversation(room, message);
    if (located !== undefined || isUnknown) return this.#accept(room, given, { message, to }, signal);
    // The channel's messages do not wait for the archive.
    const late = async (within: AbortSignal): Promise<void> => {
      const found = await directory.locate("discord", room.place, message, within);
      await this.#accept(room, given, { message, to: found ?? to }, within);
    };
    retryQueue.run(`reaction ${message}`, late, "change");
  }

  async #lookUp(at: Reacted, given: Given, room: Room, signal: AbortSignal): Promise<Location> {
    const { client, api, directory } = this.#ports;
    const found = await lookUp(directory, room, at.message_id, signal);
    const mayBeOwn = (at.message_author_id ?? client.user?.id) === client.user?.id;
    if (!found.isUnknown || !mayBeOwn || given.ofEveryone === true) return found;
    // A post of an answer is located when the answer is complete. The question that it replies to is located already.
    const post = await api.message(room.channel, at.message_id, signal).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return undefined;
    });
    const question = post?.author.id === client.user?.id ? post?.message_reference?.message_id : undefined;
    return question === undefined ? found : lookUp(directory, room, question, signal);
  }

  async #accept(
    { kind, channel, place }: Room,
    given: Given,
    { message, to: conversation }: { readonly message: string; readonly to: ConversationKey },
    signal: AbortSignal,
  ): Promise<void> {
    const how = kind === "direct" ? "direct" : "reply";
    const replyTo = addressOf({ how, channel, message, user: given.by.id });
    const at = { conversation, platform: "discord", place, reactedTo: message, replyTo };
    await this.#ports.accept({ ...given, ...at, kind: "commanded", argument: "" }, signal);
  }

  #nameOf(reaction: Added | Removed): string {
    const member = "member" in reaction ? reaction.member : undefined;
    const user = member?.user;
    const known = member?.nick ?? user?.global_name ?? user?.username;
    return known ?? this.#ports.client.users.cache.get(reaction.user_id)?.displayName ?? unknownName;
  }
}
