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

/** A message as REST gives it, with the name in the guild where we have heard it lately. */
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
 * The message that another one in the same channel replies to, which comes with it. Undefined: it replies to none, or to
 * one of ours, which is remembered anyway; or that is gone, or says nothing.
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

/** Discord leaves it out where it did not look for it, and tells null where it is gone. */
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
    // What is asked matters more than what it refers to.
    signal.throwIfAborted();
    return undefined;
  }
}
