import {
  PermissionFlagsBits,
  PermissionsBitField,
  Status,
  type Client,
  type Guild,
  type GuildBasedChannel,
} from "discord.js";

import type { Right } from "../../../domain/rights.ts";
import { PlatformError, type Asked, type Platform } from "../../../ports/platform.ts";
import type { DiscordApi } from "../api/discord-api.ts";

interface PermissionPorts {
  readonly client: Client;
  readonly api: DiscordApi;
}

/** Where something is to be written. */
export type RoomKind = "thread" | "channel";

const sendPermission: Readonly<Record<RoomKind, bigint>> = {
  thread: PermissionFlagsBits.SendMessagesInThreads,
  channel: PermissionFlagsBits.SendMessages,
};
const allRights: readonly Right[] = ["read", "write", "moderate"];

/** What an interaction says of its person, in the channel in which it was made: overwrites are counted in. */
export function rightsIn(permissions: string, kind: RoomKind): readonly Right[] {
  const given = new PermissionsBitField(BigInt(permissions));
  return allRights.filter((right) => given.has(requiredPermissions(right, kind)));
}

function requiredPermissions(right: Right, kind: RoomKind): bigint {
  const { ViewChannel, ReadMessageHistory, ManageMessages } = PermissionFlagsBits;
  if (right === "read") return ViewChannel | ReadMessageHistory;
  return ViewChannel | (right === "write" ? sendPermission[kind] : ManageMessages);
}

/** What a person may do where they wrote an order as a message. */
export class Permissions {
  readonly #ports: PermissionPorts;

  constructor(ports: PermissionPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} where Discord can't be asked. */
  readonly may: NonNullable<Platform["may"]> = async (person, right, where, signal) => {
    const { client, api } = this.#ports;
    if (where.conversation.startsWith("discord:dm:")) return true;
    const [location = ""] = where.place.split(":", 1);
    const guild = client.guilds.cache.get(location);
    if (guild === undefined) return false;
    if (!guild.available || guild.shard.status !== Status.Ready)
      throw new PlatformError("unreachable", "Discord's gateway is away");
    const channel = await this.#channelOf(guild, where, signal);
    const permissions = channel?.permissionsFor(await api.member(guild, person, signal));
    return (
      permissions?.has(requiredPermissions(right, channel?.isThread() === true ? "thread" : "channel")) ===
      true
    );
  };

  /** The thread, or the channel in which it is or will be. */
  async #channelOf(
    guild: Guild,
    { conversation, place }: Asked,
    signal: AbortSignal,
  ): Promise<GuildBasedChannel | undefined> {
    const { api } = this.#ports;
    const own = guild.channels.cache.get(conversation.slice(conversation.lastIndexOf(":") + 1));
    const listedId = place.slice(guild.id.length + 1);
    return (
      own ?? guild.channels.cache.get(listedId) ?? (await api.channelIn(guild, listedId, signal)) ?? undefined
    );
  }
}
