import {
  MessageReferenceType,
  Routes,
  type APIApplicationCommand,
  type APIChannel,
  type APIMessage,
  type Guild,
  type GuildBasedChannel,
  type GuildMember,
  type REST,
  type RESTPostAPIApplicationCommandsJSONBody,
} from "discord.js";

import type { BodyWithFiles } from "../wire/message-body.ts";
import { InteractionApi } from "./interaction-api.ts";
import { RestCalls } from "./rest-calls.ts";

const uploadDeadlineMs = 40_000;

export interface NewMessage extends BodyWithFiles {
  readonly nonce: string;
  readonly replyTo?: string;
}

/** Discord's REST calls that the bot uses, each with a deadline. @throws {PlatformError} from all methods. */
export class DiscordApi {
  readonly #calls: RestCalls;
  readonly interactions: InteractionApi;

  constructor(rest: REST, onRefusedToken: () => void) {
    this.#calls = new RestCalls(rest, onRefusedToken);
    this.interactions = new InteractionApi(this.#calls);
  }

  /** Calls that may still start in this second. */
  get callsLeft(): number {
    return this.#calls.left;
  }

  /**
   * Idempotent per nonce for a few minutes: a repeat returns the first message as it was created.
   * https://discord.com/developers/docs/resources/message#create-message
   */
  createMessage(channel: string, message: NewMessage, signal: AbortSignal): Promise<APIMessage> {
    const { replyTo, files = [], ...body } = message;
    const reference = {
      type: MessageReferenceType.Default,
      message_id: replyTo,
      fail_if_not_exists: false,
    };
    return this.#calls.call(
      {
        what: "post a message",
        method: "post",
        ...(files.length === 0 ? {} : { deadlineMs: uploadDeadlineMs }),
        route: Routes.channelMessages(channel),
        data: {
          files: [...files],
          body: {
            ...body,
            enforce_nonce: true,
            ...(replyTo === undefined ? {} : { message_reference: reference }),
          },
        },
      },
      signal,
    );
  }

  editMessage(
    channel: string,
    message: string,
    { files = [], ...body }: BodyWithFiles,
    signal: AbortSignal,
  ): Promise<APIMessage> {
    const route = Routes.channelMessage(channel, message);
    const data = { body, files: [...files] };
    const deadline = files.length === 0 ? {} : { deadlineMs: uploadDeadlineMs };
    return this.#calls.call({ what: "edit a message", method: "patch", route, data, ...deadline }, signal);
  }

  async deleteMessage(channel: string, message: string, signal: AbortSignal): Promise<void> {
    const route = Routes.channelMessage(channel, message);
    await this.#calls.call({ what: "delete a message", method: "delete", route }, signal);
  }

  /** The first 100 messages after `after`, in no guaranteed order. */
  messagesAfter(channel: string, after: string, signal: AbortSignal): Promise<readonly APIMessage[]> {
    const data = { query: new URLSearchParams({ after, limit: "100" }) };
    return this.#calls.call(
      { what: "read messages", method: "get", route: Routes.channelMessages(channel), data },
      signal,
    );
  }

  /** The last 100 messages before `before`, or the newest, in no guaranteed order. */
  messagesBefore(
    channel: string,
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly APIMessage[]> {
    const query = new URLSearchParams({ limit: "100", ...(before === undefined ? {} : { before }) });
    const route = Routes.channelMessages(channel);
    return this.#calls.call({ what: "read messages", method: "get", route, data: { query } }, signal);
  }

  message(channel: string, id: string, signal: AbortSignal): Promise<APIMessage> {
    const route = Routes.channelMessage(channel, id);
    return this.#calls.call({ what: "read a message", method: "get", route }, signal);
  }

  openThread(channel: string, message: string, name: string, signal: AbortSignal): Promise<APIChannel> {
    const route = Routes.threads(channel, message);
    return this.#calls.call(
      { what: "open a thread", method: "post", route, data: { body: { name } } },
      signal,
    );
  }

  async archiveThread(thread: string, archived: boolean, signal: AbortSignal): Promise<void> {
    const data = { body: { archived } };
    await this.#calls.call(
      {
        what: archived ? "close a thread" : "reopen a thread",
        method: "patch",
        route: Routes.channel(thread),
        data,
      },
      signal,
    );
  }

  /** Deletes the thread with its messages. */
  async deleteThread(thread: string, signal: AbortSignal): Promise<void> {
    await this.#calls.call(
      { what: "delete a thread", method: "delete", route: Routes.channel(thread) },
      signal,
    );
  }

  async addReaction(channel: string, message: string, emoji: string, signal: AbortSignal): Promise<void> {
    const route = Routes.channelMessageOwnReaction(channel, message, encodeURIComponent(emoji));
    await this.#calls.call({ what: "react to a message", method: "put", route }, signal);
  }

  async showTyping(channel: string, signal: AbortSignal): Promise<void> {
    await this.#calls.call(
      { what: "show typing", method: "post", route: Routes.channelTyping(channel) },
      signal,
    );
  }

  channel(id: string, signal: AbortSignal): Promise<APIChannel> {
    return this.#calls.call({ what: "get a channel", method: "get", route: Routes.channel(id) }, signal);
  }

  /** Always fetched: without the Server Members intent, the gateway reports few changes of members. */
  member(guild: Guild, user: string, signal: AbortSignal): Promise<GuildMember> {
    const ask = () => guild.members.fetch({ user, force: true, cache: false });
    return this.#calls.withDeadline({ what: "get a member" }, signal, ask);
  }

  /** A channel that the gateway may not have announced. Fails if it belongs to another guild. */
  channelIn(guild: Guild, id: string, signal: AbortSignal): Promise<GuildBasedChannel | null> {
    return this.#calls.withDeadline({ what: "get a channel" }, signal, () => guild.channels.fetch(id));
  }

  openDm(user: string, signal: AbortSignal): Promise<APIChannel> {
    const data = { body: { recipient_id: user } };
    return this.#calls.call(
      { what: "open a DM", method: "post", route: Routes.userChannels(), data },
      signal,
    );
  }

  /** With their localizations. */
  commands(application: string, signal: AbortSignal): Promise<readonly APIApplicationCommand[]> {
    const route = Routes.applicationCommands(application);
    const data = { query: new URLSearchParams({ with_localizations: "true" }) };
    return this.#calls.call({ what: "read the registered commands", method: "get", route, data }, signal);
  }

  async replaceCommands(
    application: string,
    body: readonly RESTPostAPIApplicationCommandsJSONBody[],
    signal: AbortSignal,
  ): Promise<void> {
    const route = Routes.applicationCommands(application);
    await this.#calls.call({ what: "register commands", method: "put", route, data: { body } }, signal);
  }
}
