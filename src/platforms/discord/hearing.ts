import {
  GatewayDispatchEvents,
  type Client,
  type GatewayMessageDeleteBulkDispatchData,
  type GatewayMessageDeleteDispatchData,
  type GatewayMessageUpdateDispatchData,
} from "discord.js";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Directory } from "../../ports/directory.ts";
import type { DiscordApi } from "./api.ts";
import { conversationOf, findRoom, type Room, type Whereabouts } from "./channels.ts";
import type { Lanes } from "./lanes.ts";
import { namesFor } from "./names.ts";
import type { Names } from "./plain-text.ts";
import {
  addressingOf,
  isByPerson,
  repliedTo,
  textOf,
  toSaid,
  type Delivered,
  type SaidIn,
} from "./to-said.ts";

export interface HearingPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly lanes: Lanes;
  readonly accept: Accept;
  readonly directory: Directory;
}

/**
 * Hands over what people write, edit and delete, in order within each channel.
 * It listens to the gateway's own events: discord.js' `Message` events leave out what is not in its caches (old
 * messages, sleeping threads), and a deletion must never be left out.
 */
export class Hearing {
  readonly #ports: HearingPorts;

  constructor(ports: HearingPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { ws } = this.#ports.client;
    const { lanes } = this.#ports;
    ws.on(GatewayDispatchEvents.MessageCreate, (message: Delivered) => {
      lanes.run(message.channel_id, (signal) => this.#hearSaid(message, signal));
    });
    ws.on(GatewayDispatchEvents.MessageUpdate, (message: GatewayMessageUpdateDispatchData) => {
      lanes.run(message.channel_id, (signal) => this.#hearEdited(message, signal));
    });
    ws.on(GatewayDispatchEvents.MessageDelete, (gone: GatewayMessageDeleteDispatchData) => {
      lanes.run(gone.channel_id, (signal) => this.#hearDeleted(gone.id, gone, signal));
    });
    ws.on(GatewayDispatchEvents.MessageDeleteBulk, (gone: GatewayMessageDeleteBulkDispatchData) => {
      for (const id of gone.ids) {
        lanes.run(gone.channel_id, (signal) => this.#hearDeleted(id, gone, signal));
      }
    });
  }

  async #hearSaid(message: Delivered, signal: AbortSignal): Promise<void> {
    if (!isByPerson(message)) return;
    const { client, accept } = this.#ports;
    const room = await findRoom(this.#ports, message, signal);
    const names = namesFor(client, message);
    const where = await this.#place(message, room, names, signal);
    if (where !== undefined) await accept(toSaid(message, names, where), signal);
  }

  /** Undefined for what is not for us: talk in a plain channel that belongs to no conversation that we know. */
  async #place(
    message: Delivered,
    room: Room,
    names: Names,
    signal: AbortSignal,
  ): Promise<SaidIn | undefined> {
    const addressing = addressingOf(message, this.#ports.client.user?.id ?? "", names);
    if (room.kind !== "channel") {
      return { room, addressing, conversation: conversationOf(room), opensThread: false };
    }
    const known = await this.#answeredConversation(message, room, signal);
    if (known !== undefined) return { room, addressing, conversation: known, opensThread: false };
    if (addressing !== "mention" && addressing !== "reply") return undefined;
    // The thread that will be opened on this message has the message's id: the key is known before it is.
    const conversation: ConversationKey = `discord:${room.guild}:${message.id}`;
    return { room, addressing, conversation, opensThread: true };
  }

  async #answeredConversation(
    message: Delivered,
    room: Room,
    signal: AbortSignal,
  ): Promise<ConversationKey | undefined> {
    const answered = repliedTo(message);
    if (answered === undefined) return undefined;
    const known = await this.#locate(room, answered, signal);
    // A post of ours is remembered when its turn ends; until then its question leads to the conversation.
    const question = message.referenced_message?.message_reference?.message_id;
    return known ?? (question === undefined ? undefined : this.#locate(room, question, signal));
  }

  async #hearEdited(message: GatewayMessageUpdateDispatchData, signal: AbortSignal): Promise<void> {
    // Discord also "updates" a message when it finds a preview for a link or a thread is opened on it.
    if (message.edited_timestamp === null || message.edited_timestamp === undefined || !isByPerson(message)) {
      return;
    }
    const room = await findRoom(this.#ports, message, signal);
    const conversation = await this.#locate(room, message.id, signal);
    if (conversation === undefined) return;
    await this.#ports.accept(
      {
        kind: "edited",
        conversation,
        dedupeId: `discord:${message.id}:edit:${message.edited_timestamp}`,
        platform: "discord",
        place: room.place,
        message: message.id,
        text: textOf(message, namesFor(this.#ports.client, message)),
      },
      signal,
    );
  }

  async #hearDeleted(id: string, from: Whereabouts, signal: AbortSignal): Promise<void> {
    const room = await findRoom(this.#ports, from, signal);
    const conversation = await this.#locate(room, id, signal);
    if (conversation === undefined) return;
    await this.#ports.accept(
      {
        kind: "deleted",
        conversation,
        dedupeId: `discord:${id}:delete`,
        platform: "discord",
        place: room.place,
        message: id,
      },
      signal,
    );
  }

  async #locate(room: Room, message: string, signal: AbortSignal): Promise<ConversationKey | undefined> {
    return this.#ports.directory.locate("discord", room.place, message, signal);
  }
}
