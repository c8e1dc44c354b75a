import { ChannelType, type APIChannel, type Client } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import { isRefusal } from "./api-errors.ts";
import type { DiscordApi } from "./discord-api.ts";

/** A DM, a thread or a channel. */
export interface Room {
  readonly kind: "direct" | "thread" | "channel";
  readonly channel: string;
  /** Missing in a DM. */
  readonly guild?: string;
  /** The place of its conversations; see DirectoryEntry. */
  readonly place: string;
}

interface ChannelFacts {
  readonly id: string;
  readonly type: ChannelType;
  readonly parent?: string | undefined;
}

const threadTypes: ReadonlySet<ChannelType> = new Set([
  ChannelType.PublicThread,
  ChannelType.AnnouncementThread,
  ChannelType.PrivateThread,
]);

export function directRoom(channel: string): Room {
  return { kind: "direct", channel, place: `dm:${channel}` };
}

function roomOf(guild: string, { id, type, parent }: ChannelFacts): Room {
  if (!threadTypes.has(type)) return { kind: "channel", channel: id, guild, place: `${guild}:${id}` };
  // A private thread is a place of its own: others in the channel may not know of it.
  const listedUnder = type === ChannelType.PrivateThread ? id : (parent ?? id);
  return { kind: "thread", channel: id, guild, place: `${guild}:${listedUnder}` };
}

/**
 * The conversation of a DM or a thread. In a plain channel each question starts one; the channel's own key is for
 * commands about the whole channel.
 */
export function conversationOf(room: Room): ConversationKey {
  return room.kind === "direct" ? `discord:dm:${room.channel}` : `discord:${room.guild}:${room.channel}`;
}

/** The name that people gave a thread. Undefined if it is no thread, or is not cached. */
export function threadName(client: Client, id: string): string | undefined {
  const channel = client.channels.cache.get(id);
  return channel?.isThread() === true ? channel.name : undefined;
}

/** A channel as an event or a REST response describes it. */
export interface DescribedChannel {
  readonly id: string;
  readonly type?: ChannelType;
  readonly parent_id?: string | null;
}

/** The room of a guild's channel, from the gateway's cache, else from the description. */
export function roomIn(client: Client, guild: string, described: DescribedChannel): Room {
  const known = client.channels.cache.get(described.id);
  if (known === undefined) {
    const { id, type = ChannelType.GuildText, parent_id: parent } = described;
    return roomOf(guild, { id, type, parent: parent ?? undefined });
  }
  const parent = known.isThread() ? (known.parentId ?? undefined) : undefined;
  return roomOf(guild, { id: known.id, type: known.type, parent });
}

/** Where an event took place. */
export interface EventLocation {
  readonly channel_id: string;
  readonly guild_id?: string;
  readonly channel_type?: ChannelType;
}

/**
 * Finds the room of an event. Calls Discord only for threads that were archived when the bot connected; discord.js caches them
 * with their titles.
 */
export async function findRoom(
  { client, api }: { readonly client: Client; readonly api: DiscordApi },
  { channel_id: id, guild_id: guild, channel_type: type }: EventLocation,
  signal: AbortSignal,
): Promise<Room> {
  if (guild === undefined) return directRoom(id);
  if (client.channels.cache.has(id)) return roomIn(client, guild, { id });
  const server = client.guilds.cache.get(guild);
  try {
    if (server === undefined) return roomIn(client, guild, toDescribed(await api.channel(id, signal)));
    await api.channelIn(server, id, signal);
    return roomIn(client, guild, type === undefined ? { id } : { id, type });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return roomIn(client, guild, type === undefined ? { id } : { id, type });
  }
}

function toDescribed(channel: APIChannel): DescribedChannel {
  const { id, type } = channel;
  return "parent_id" in channel ? { id, type, parent_id: channel.parent_id ?? null } : { id, type };
}
