import { ChannelType, type APIChannel, type Client } from "discord.js";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { DiscordApi } from "./api.ts";

/** A place in which people write, as far as conversations are concerned. */
export interface Room {
  readonly kind: "direct" | "thread" | "channel";
  readonly channel: string;
  /** Missing in a DM. */
  readonly guild?: string;
  /** Where its conversations are listed; see DirectoryEntry. */
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

export function roomOf(guild: string, { id, type, parent }: ChannelFacts): Room {
  if (!threadTypes.has(type)) return { kind: "channel", channel: id, guild, place: `${guild}:${id}` };
  // A private thread is not listed under its channel: not everybody there may know of it.
  const listedUnder = type === ChannelType.PrivateThread ? id : (parent ?? id);
  return { kind: "thread", channel: id, guild, place: `${guild}:${listedUnder}` };
}

/** The conversation that a DM or a thread is. In a plain channel, each question begins its own. */
export function conversationOf(room: Room): ConversationKey {
  return room.kind === "direct" ? `discord:dm:${room.channel}` : `discord:${room.guild}:${room.channel}`;
}

export function channelFacts(channel: Partial<APIChannel> & { readonly id: string }): ChannelFacts {
  const parent = "parent_id" in channel ? (channel.parent_id ?? undefined) : undefined;
  return { id: channel.id, type: channel.type ?? ChannelType.GuildText, parent };
}

/** Finds the room of a channel; asks Discord only about threads that were asleep when we connected. */
export async function findRoom(
  { client, api }: { readonly client: Client; readonly api: DiscordApi },
  { channel_id: channel, guild_id: guild }: { readonly channel_id: string; readonly guild_id?: string },
  signal: AbortSignal,
): Promise<Room> {
  if (guild === undefined) return directRoom(channel);
  const known = client.channels.cache.get(channel);
  if (known === undefined) return roomOf(guild, channelFacts(await api.channel(channel, signal)));
  const parent = known.isThread() ? (known.parentId ?? undefined) : undefined;
  return roomOf(guild, { id: known.id, type: known.type, parent });
}
