import {
  PermissionFlagsBits,
  PermissionsBitField,
  Status,
  type Client,
  type Guild,
  type GuildBasedChannel,
} from "discord.js";

import type { Right } from "../../../domain/rights.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { PlaceOfPerson } from "../../../ports/platform-access.ts";
import type { Platform } from "../../../ports/platform.ts";
import type { DiscordApi } from "../api/discord-api.ts";

interface PermissionPorts {
  readonly client: Client;
  readonly api: DiscordApi;
}

/** The kind of channel to write in. Discord has a permission of its own for threads. */
export type RoomKind = "thread" | "channel";

const sendPermission: Readonly<Record<RoomKind, bigint>> = {
  thread: PermissionFlagsBits.SendMessagesInThreads,
  channel: PermissionFlagsBits.SendMessages,
};
const allRights: readonly Right[] = ["read", "write", "moderate"];

/** The rights in an interaction's `permissions`, which Discord computes for its channel, overwrites included. */
export function rightsIn(permissions: string, kind: RoomKind): readonly Right[] {
  const given = new PermissionsBitField(BigInt(permissions));
  return allRights.filter((right) => given.has(requiredPermissions(right, kind)));
}

function requiredPermissions(right: Right, kind: RoomKind): bigint {
  const { ViewChannel, ReadMessageHistory, ManageMessages } = PermissionFlagsBits;
  if (right === "read") return ViewChannel | ReadMessageHistory;
  return ViewChannel | (right === "write" ? sendPermission[kind] : ManageMessages);
}

/** Checks what a person may do where they wrote a command as a message. */
export class Permissions {
  readonly #ports: PermissionPorts;

  constructor(ports: PermissionPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} if Discord can't be asked. */
  readonly may: NonNullable<Platform["hasRight"]> = async (person, right, where, signal) => {
    const { client, api } = this.#ports;
    if (where.conversation.startsWith("discord:dm:")) return true;
    const [location = ""] = where.place.split(":", 1);
    const guild = client.guilds.cache.get(location);
    if (guild === undefined) return false;
    if (!guild.available || guild.shard.status !== Status.Ready)
      throw new PlatformError("unreachable", "Discord's gateway is disconnected");
    const channel = await this.#channelOf(guild, where, signal);
    const permissions = channel?.permissionsFor(await api.member(guild, person, signal));
    return (
      permissions?.has(requiredPermissions(right, channel?.isThread() === true ? "thread" : "channel")) ===
      true
    );
  };

  /** The thread, or the channel that has it or will get it. */
  async #channelOf(
    guild: Guild,
    { conversation, place }: PlaceOfPerson,
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
