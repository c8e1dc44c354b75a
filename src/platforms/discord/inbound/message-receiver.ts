import {
  GatewayDispatchEvents,
  type Client,
  type GatewayMessageDeleteBulkDispatchData,
  type GatewayMessageDeleteDispatchData,
  type GatewayMessageUpdateDispatchData,
} from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Said } from "../../../domain/inbound.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Directory } from "../../../ports/directory.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { conversationOf, findRoom, type Room, type EventLocation } from "../api/channels.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { isByApp, textOf } from "../text/message-text.ts";
import { namesFor } from "../api/user-names.ts";
import type { Names } from "../text/markdown-to-text.ts";
import { fetchQuoted } from "./quoted-message.ts";
import {
  addressingOf,
  addressForDeletion,
  addressForEdit,
  isCommandResponse,
  isPlaceholder,
  isChatMessage,
  repliedMessageId,
  toSaid,
  type GatewayMessage,
  type SaidContext,
} from "./to-said.ts";

export interface MessageReceiverPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly retryQueue: RetryQueue;
  readonly accept: Accept;
  readonly directory: Directory;
}

type Locate = (message: string) => Promise<ConversationKey | undefined>;

/** Of our own posts that were written lately. */
const maxOwnPosts = 5_000;

const none: ReadonlyMap<string, ConversationKey> = new Map();
const notLocated = { located: undefined, isUnknown: false };

/**
 * Hands over what people write, edit and delete, in order within each channel.
 * It listens to the gateway's own events: discord.js' `Message` events leave out what is not in its caches (old
 * messages, sleeping threads), and a deletion must never be left out.
 */
export class MessageReceiver {
  readonly #ports: MessageReceiverPorts;
  readonly #own = new Set<string>();

  constructor(ports: MessageReceiverPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { ws } = this.#ports.client;
    const { retryQueue } = this.#ports;
    ws.on(GatewayDispatchEvents.MessageCreate, (message: GatewayMessage) => {
      retryQueue.run(message.channel_id, (signal) => this.#hearSaid(message, signal));
    });
    ws.on(GatewayDispatchEvents.MessageUpdate, (message: GatewayMessageUpdateDispatchData) => {
      retryQueue.run(message.channel_id, (signal) => this.#hearEdited(message, signal), "change");
    });
    ws.on(GatewayDispatchEvents.MessageDelete, (gone: GatewayMessageDeleteDispatchData) => {
      retryQueue.run(gone.channel_id, (signal) => this.#hearDeleted(gone.id, gone, signal), "change");
    });
    ws.on(GatewayDispatchEvents.MessageDeleteBulk, (gone: GatewayMessageDeleteBulkDispatchData) => {
      for (const id of gone.ids) {
        retryQueue.run(gone.channel_id, (signal) => this.#hearDeleted(id, gone, signal), "change");
      }
    });
  }

  /**
   * Undefined for what Discord itself announces, and for what is not for us.
   * `unstored`: the conversations of messages that are not stored yet, by id.
   */
  async read(
    message: GatewayMessage,
    signal: AbortSignal,
    unstored: ReadonlyMap<string, ConversationKey> = none,
  ): Promise<Said | undefined> {
    if (!isChatMessage(message, this.#self) || isPlaceholder(message)) return undefined;
    const room = await findRoom(this.#ports, message, signal);
    return this.#readIn(room, message, signal, unstored);
  }

  async #readIn(
    room: Room,
    message: GatewayMessage,
    signal: AbortSignal,
    unstored: ReadonlyMap<string, ConversationKey> = none,
  ): Promise<Said | undefined> {
    const names = namesFor(this.#ports.client, message);
    const locate = async (id: string) => unstored.get(id) ?? this.#locateIfKnown(room, id, signal);
    const where = await this.#place(message, room, names, locate);
    if (where === undefined) return undefined;
    return toSaid(message, names, {
      ...where,
      quoted: await fetchQuoted(this.#ports, message, room, signal),
    });
  }

  get #self(): string {
    return this.#ports.client.user?.id ?? "";
  }

  async #hearSaid(message: GatewayMessage, signal: AbortSignal): Promise<void> {
    if (message.author.id === this.#self) this.#rememberOwn(message.id);
    const said = await this.read(message, signal);
    if (said !== undefined) await this.#ports.accept(said, signal);
  }

  /** Undefined for what is not for us: talk in a plain channel that belongs to no conversation that we know. */
  async #place(
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
    if (addressing !== "mention" && addressing !== "reply") return undefined;
    // The thread that will be opened on this message has the message's id: the key is known before it is.
    const conversation: ConversationKey = `discord:${room.guild}:${message.id}`;
    return { room, addressing, conversation, opensThread: true };
  }

  async #hearEdited(message: GatewayMessageUpdateDispatchData, signal: AbortSignal): Promise<void> {
    if (!isChatMessage(message, this.#self)) return;
    const { edited_timestamp: editedAt } = message;
    // Discord also "updates" a message when it finds a preview for a link or a thread is opened on it.
    if (editedAt === null || editedAt === undefined) {
      // An app's late answer to a command is filled into a message that stood empty until then.
      if (isCommandResponse(message)) await this.#hearSaid(message, signal);
      return;
    }
    const room = await findRoom(this.#ports, message, signal);
    const byApp = isByApp(message);
    // Of apps the core looks up where they are: they change their posts every few seconds, everywhere.
    const { located, isUnknown } = byApp ? notLocated : await this.#lookUp(room, message.id, signal);
    const call = await this.#callBy(message, { room, located }, signal);
    const conversation = located ?? call?.conversation ?? fallbackConversation(room, message.id);
    const text = textOf(message, namesFor(this.#ports.client, message));
    const edit = {
      kind: "edited",
      conversation,
      dedupeId: `discord:${message.id}:edit:${editedAt}`,
      platform: "discord",
      place: room.place,
      message: message.id,
      text,
    } as const;
    if (byApp) {
      await this.#ports.accept({ ...edit, isByApp: true }, signal);
      return;
    }
    const replyTo = addressForEdit(message, { room, conversation }, text);
    const calling = call === undefined ? {} : { call, ...(isUnknown ? { isNewCall: true as const } : {}) };
    await this.#ports.accept({ ...edit, replyTo, ...calling }, signal);
  }

  /** An edited message as if it were said now, where it names us. */
  async #callBy(
    message: GatewayMessageUpdateDispatchData,
    { room, located }: { readonly room: Room; readonly located: ConversationKey | undefined },
    signal: AbortSignal,
  ): Promise<Said | undefined> {
    const names = namesFor(this.#ports.client, message);
    if (addressingOf(message, this.#self, names) !== "mention") return undefined;
    const call = await this.#readIn(room, message, signal);
    return call && (located === undefined ? call : { ...call, conversation: located });
  }

  async #hearDeleted(id: string, from: EventLocation, signal: AbortSignal): Promise<void> {
    const room = await findRoom(this.#ports, from, signal);
    const located = await this.#locateIfKnown(room, id, signal);
    const conversation = located ?? fallbackConversation(room, id);
    // What we take back ourselves before it is remembered changes nothing.
    if (located === undefined && this.#own.has(id)) return;
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
    this.#own.add(id);
    const [oldest] = this.#own;
    if (this.#own.size > maxOwnPosts && oldest !== undefined) this.#own.delete(oldest);
  }

  /**
   * Nothing waits here for the archive, or all that is said in the channel would wait behind it: a reply to something old
   * begins a conversation then, and the core places a change when the archive is back.
   */
  async #locateIfKnown(
    room: Room,
    message: string,
    signal: AbortSignal,
  ): Promise<ConversationKey | undefined> {
    return (await this.#lookUp(room, message, signal)).located;
  }

  /** `isUnknown`: nobody has heard it, and the archive is not away. */
  async #lookUp(
    { place }: Room,
    message: string,
    signal: AbortSignal,
  ): Promise<{ readonly located?: ConversationKey | undefined; readonly isUnknown: boolean }> {
    try {
      const located = await this.#ports.directory.locate("discord", place, message, signal);
      return { located, isUnknown: located === undefined };
    } catch (error) {
      if (error instanceof ArchiveError) return { isUnknown: false };
      throw error;
    }
  }
}

async function answeredConversation(
  message: GatewayMessage,
  locate: Locate,
): Promise<ConversationKey | undefined> {
  const answered = repliedMessageId(message);
  if (answered === undefined) return undefined;
  // A post of ours is remembered when its turn ends; until then its question leads to the conversation.
  const question = message.referenced_message?.message_reference?.message_id;
  return (await locate(answered)) ?? (question === undefined ? undefined : locate(question));
}

/**
 * What was said before we were called is remembered too, and listed notLocated by its id: in its thread, or as the message
 * that a thread was opened on. A conversation that we don't know changes nothing.
 */
function fallbackConversation(room: Room, message: string): ConversationKey {
  return room.kind === "channel" ? `discord:${room.guild}:${message}` : conversationOf(room);
}
