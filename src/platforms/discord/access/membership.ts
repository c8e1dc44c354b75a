import { PermissionFlagsBits, type Client } from "discord.js";

import { isRefusal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import type { Platform } from "../../../ports/platform.ts";

interface MembershipPorts {
  readonly client: Client;
  readonly api: DiscordApi;
}

/** Whether the bot may post in a place. In a server, the gateway's cache tells. @throws {PlatformError} */
export function membershipIn({ client, api }: MembershipPorts): NonNullable<Platform["isIn"]> {
  return async (place, signal) => {
    const [location = "", channel = ""] = place.split(":");
    if (location === "dm") return mayRead(api, channel, signal);
    const guild = client.guilds.cache.get(location);
    const self = guild?.members.me;
    if (guild === undefined) return false;
    const known = guild.channels.cache.get(channel);
    if (known === undefined || self === null || self === undefined) return true;
    const { ViewChannel, SendMessages, SendMessagesInThreads } = PermissionFlagsBits;
    // A forum, and a private thread, which is a place of its own, have threads alone.
    const isOfThreads = known.isThread() || known.isThreadOnly();
    return known.permissionsFor(self).has(ViewChannel | (isOfThreads ? SendMessagesInThreads : SendMessages));
  };
}

/** A DM between people may be none of the bot's. */
async function mayRead(api: DiscordApi, channel: string, signal: AbortSignal): Promise<boolean> {
  try {
    await api.channel(channel, signal);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
