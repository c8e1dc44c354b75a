import { MessageType, type APIMessage, type Client } from "discord.js";

import type { Message } from "../../../domain/message.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import type { Room } from "../api/channels.ts";
import { cachedName, namesFor } from "../api/user-names.ts";
import { messageOf, repliedMessageId, type GatewayMessage } from "./to-said.ts";

interface Ports {
  readonly client: Client;
  readonly api: DiscordApi;
}

/** Converts a message from REST, with the author's server name if it is cached. */
export function toMessage(client: Client, message: APIMessage, guild: string | undefined): Message {
  const delivered: GatewayMessage = Object.assign(message, guild === undefined ? {} : { guild_id: guild });
  const read = messageOf(delivered, namesFor(client, delivered), {
    channel: message.channel_id,
    ...(guild === undefined ? {} : { guild }),
  });
  return {
    ...read,
    author: { ...read.author, name: cachedName(client, guild, read.author.id) ?? read.author.name },
  };
}

/**
 * The message that another one in the same channel replies to. Undefined if there is none, it is the bot's own
 * (already remembered), it was deleted, or it has no content.
 */
export async function fetchQuoted(
  ports: Ports,
  message: GatewayMessage,
  { channel, guild }: Room,
  signal: AbortSignal,
): Promise<Message | undefined> {
  const id = repliedMessageId(message);
  const where = message.message_reference?.channel_id ?? channel;
  if (id === undefined || message.type !== MessageType.Reply || where !== channel) return undefined;
  const answered =
    message.referenced_message ?? (await fetchReferenced(ports, { channel, id, message }, signal));
  if (answered === undefined || answered.author.id === ports.client.user?.id) return undefined;
  const quoted = toMessage(ports.client, answered, guild);
  return quoted.text === "" && quoted.attachments.length === 0 ? undefined : quoted;
}

/** Discord omits the referenced message if it did not look it up; null means deleted. */
async function fetchReferenced(
  { api }: Ports,
  {
    channel,
    id,
    message,
  }: { readonly channel: string; readonly id: string; readonly message: GatewayMessage },
  signal: AbortSignal,
): Promise<APIMessage | undefined> {
  if (message.referenced_message === null) return undefined;
  try {
    return await api.message(channel, id, signal);
  } catch {
    // The question matters more than the message it refers to.
    signal.throwIfAborted();
    return undefined;
  }
}
