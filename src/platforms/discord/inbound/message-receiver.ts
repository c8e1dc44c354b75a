import {
  GatewayDispatchEvents,
  type Client,
  type GatewayMessageDeleteBulkDispatchData,
  type GatewayMessageDeleteDispatchData,
  type GatewayMessageUpdateDispatchData,
} from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Said } from "../../../domain/inbound.ts";
import type { Accept, OpensConversation } from "../../../ports/accept.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { conversationOf, findRoom, type Room, type EventLocation } from "../api/channels.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { isByApp, isCompleted, textOf } from "../text/message-text.ts";
import { namesFor } from "../api/user-names.ts";
import type { Names } from "../text/markdown-to-text.ts";
import {
  answeredConversation,
  fallbackConversation,
  locateIfKnown,
  lookUp,
  type Locate,
} from "./locate-message.ts";
import { acceptCompletion } from "./completions.ts";
import { hiddenEditText, isHidden } from "./hidden-content.ts";
import { fetchQuoted } from "./quoted-message.ts";
import {
  attachmentsOf,
  addressingOf,
  addressForDeletion,
  addressForEdit,
  authorOf,
  isCommandResponse,
  isPlaceholder,
  isChatMessage,
  toSaid,
  type GatewayMessage,
  type SaidContext,
} from "./to-said.ts";

export interface MessageReceiverPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly retryQueue: RetryQueue;
  readonly accept: Accept;
  readonly opensConversation: OpensConversation;
  readonly directory: Directory;
  /** The bot has the Message Content intent. */
  readonly readsContent: boolean;
}

/** The newest ids of the bot's own posts. */
const maxOwnPosts = 5_000;

const noConversations: ReadonlyMap<string, ConversationKey> = new Map();
const notLocated = { located: undefined, isUnknown: false };

/**
 * Accepts messages, edits and deletions, in order per channel. It listens to raw gateway events: discord.js'
 * `Message` events leave out what is not in its caches (old messages, archived threads), and a deletion must never be
 * lost.
 */
export class MessageReceiver {
  readonly #ports: MessageReceiverPorts;
  readonly #ownPosts = new Set<string>();

  constructor(ports: MessageReceiverPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { ws } = this.#ports.client;
    const { retryQueue } = this.#ports;
    ws.on(GatewayDispatchEvents.MessageCreate, (message: GatewayMessage) => {
      retryQueue.run(message.channel_id, (signal) => this.#receiveCreated(message, signal));
    });
    ws.on(GatewayDispatchEvents.MessageUpdate, (message: GatewayMessageUpdateDispatchData) => {
      retryQueue.run(message.channel_id, (signal) => this.#receiveEdited(message, signal), "change");
    });
    ws.on(GatewayDispatchEvents.MessageDelete, (deleted: GatewayMessageDeleteDispatchData) => {
      retryQueue.run(
        deleted.channel_id,
        (signal) => this.#receiveDeleted(deleted.id, deleted, signal),
        "change",
      );
    });
    ws.on(GatewayDispatchEvents.MessageDeleteBulk, (deleted: GatewayMessageDeleteBulkDispatchData) => {
      for (const id of deleted.ids) {
        retryQueue.run(deleted.channel_id, (signal) => this.#receiveDeleted(id, deleted, signal), "change");
      }
    });
  }

  /**
   * Undefined for Discord's announcements and for messages outside any conversation of the bot. `unstored`:
   * conversations by message id, for messages that are not stored yet.
   */
  async read(
    message: GatewayMessage,
    signal: AbortSignal,
    unstored: ReadonlyMap<string, ConversationKey> = noConversations,
  ): Promise<Said | undefined> {
    if (!isChatMessage(message, this.#self) || isPlaceholder(message)) return undefined;
    // Taken for empty, it would be an empty message of that person.
    if (this.#isHidden(message)) return undefined;
    const room = await findRoom(this.#ports, message, signal);
    return this.#readIn(room, message, signal, unstored);
  }

  async #readIn(
    room: Room,
    message: GatewayMessage,
    signal: AbortSignal,
    unstored: ReadonlyMap<string, ConversationKey> = noConversations,
  ): Promise<Said | undefined> {
    const names = namesFor(this.#ports.client, message);
    const locate = async (id: string) =>
      unstored.get(id) ?? locateIfKnown(this.#ports.directory, room, id, signal);
    const where = await this.#contextOf(message, room, names, locate);
    if (where === undefined) return undefined;
    return toSaid(message, names, {
      ...where,
      quoted: await fetchQuoted(this.#ports, message, room, signal),
    });
  }

  get #self(): string {
    return this.#ports.client.user?.id ?? "";
  }

  #isHidden(message: Parameters<typeof isHidden>[0]): boolean {
    return isHidden(message, { readsContent: this.#ports.readsContent, self: this.#self });
  }

  async #receiveCreated(message: GatewayMessage, signal: AbortSignal): Promise<void> {
    if (message.author.id === this.#self) this.#rememberOwn(message.id);
    const said = await this.read(message, signal);
    if (said !== undefined) await this.#ports.accept(said, signal);
  }

  /** Undefined for messages in a plain channel that belong to no conversation. */
  async #contextOf(
    message: GatewayMessage,
    room: Room,
    names: Names,
    locate: Locate,
  ): Promise<SaidContext | undefined> {
    const addressing = addressingOf(message, this.#self, names);
    if (room.kind !== "channel") {
      return { room, addressing, conversation: conversationOf(room), opensThread: false };
    }
    const known = await answeredConversation(message, locate);
    if (known !== undefined) return { room, addressing, conversation: known, opensThread: false };
    const facts = {
      platform: "discord",
      place: room.place,
      addressing,
      message: { author: authorOf(message) },
    };
    if (!this.#ports.opensConversation(facts)) return undefined;
    // The new thread will have the message's id, so its key is known before it exists.
    const conversation: ConversationKey = `discord:${room.guild}:${message.id}`;
    return { room, addressing, conversation, opensThread: true };
  }

  async #receiveEdited(message: GatewayMessageUpdateDispatchData, signal: AbortSignal): Promise<void> {
    if (!isChatMessage(message, this.#self)) return;
    const { edited_timestamp: editedAt } = message;
    // Discord also sends an update when it adds a link's preview or a thread is opened on the message.
    if (editedAt === null || editedAt === undefined) {
      // An app's response to a command first arrives empty and is filled in by an update.
      if (isCommandResponse(message)) await this.#receiveCreated(message, signal);
      else if (isCompleted(message) && !this.#isHidden(message))
        await acceptCompletion(this.#ports, message, signal);
      return;
    }
    const room = await findRoom(this.#ports, message, signal);
    const byApp = isByApp(message);
    // For apps the core does the lookup: they edit their posts every few seconds, everywhere.
    const { located, isUnknown } = byApp
      ? notLocated
      : await lookUp(this.#ports.directory, room, message.id, signal);
    const call = await this.#newCallIn(message, { room, located }, signal);
    const conversation = located ?? call?.conversation ?? fallbackConversation(room, message.id);
    // What was said there before must not stay: it is no longer what stands there.
    const isUnreadable = this.#isHidden(message);
    const text = isUnreadable ? hiddenEditText : textOf(message, namesFor(this.#ports.client, message));
    const edit = {
      kind: "edited",
      conversation,
      dedupeId: `discord:${message.id}:edit:${editedAt}`,
      platform: "discord",
      place: room.place,
      message: message.id,
      text,
      attachments: attachmentsOf(message),
    } as const;
    if (byApp) {
      await this.#ports.accept({ ...edit, isByApp: true }, signal);
      return;
    }
    const replyTo = addressForEdit(message, { room, conversation }, text);
    const calling = call === undefined ? {} : { call, ...(isUnknown ? { isNewCall: true as const } : {}) };
    await this.#ports.accept({ ...edit, replyTo, ...calling }, signal);
  }

  /** The edited message as a new one, if it now mentions the bot. */
  async #newCallIn(
    message: GatewayMessageUpdateDispatchData,
    { room, located }: { readonly room: Room; readonly located: ConversationKey | undefined },
    signal: AbortSignal,
  ): Promise<Said | undefined> {
    const names = namesFor(this.#ports.client, message);
    if (addressingOf(message, this.#self, names) !== "mention") return undefined;
    const call = await this.#readIn(room, message, signal);
    return call && (located === undefined ? call : { ...call, conversation: located });
  }

  async #receiveDeleted(id: string, from: EventLocation, signal: AbortSignal): Promise<void> {
    const room = await findRoom(this.#ports, from, signal);
    const located = await locateIfKnown(this.#ports.directory, room, id, signal);
    const conversation = located ?? fallbackConversation(room, id);
    // The bot deleted its own post before it was remembered.
    if (located === undefined && this.#ownPosts.has(id)) return;
    await this.#ports.accept(
      {
        kind: "deleted",
        conversation,
        dedupeId: `discord:${id}:delete`,
        platform: "discord",
        place: room.place,
        message: id,
        replyTo: addressForDeletion(id, { room, conversation }),
      },
      signal,
    );
  }

  #rememberOwn(id: string): void {
    this.#ownPosts.add(id);
    const [oldest] = this.#ownPosts;
    if (this.#ownPosts.size > maxOwnPosts && oldest !== undefined) this.#ownPosts.delete(oldest);
  }
}
