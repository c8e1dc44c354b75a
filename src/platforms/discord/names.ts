import type { APIUser, Client } from "discord.js";

import type { Names } from "./plain-text.ts";

type Mentioned = readonly (APIUser & { readonly member?: { readonly nick?: string | null } })[];

interface Mentioning {
  readonly guild_id?: string | undefined;
  readonly mentions?: Mentioned;
  readonly message_snapshots?: readonly { readonly message: { readonly mentions?: Mentioned } }[];
}

/** Names from the message itself, else, as those of roles and channels, from what the gateway has told us. */
export function namesFor(client: Client, message: Mentioning): Names {
  const guild = message.guild_id === undefined ? undefined : client.guilds.cache.get(message.guild_id);
  const forwarded = (message.message_snapshots ?? []).flatMap((each) => each.message.mentions ?? []);
  const users = new Map(
    [...forwarded, ...(message.mentions ?? [])].map((user) => [
      user.id,
      user.member?.nick ?? user.global_name ?? user.username,
    ]),
  );
  return {
    user: (id) => users.get(id) ?? heardName(client, message.guild_id, id),
    role: (id) => guild?.roles.cache.get(id)?.name,
    channel: (id) => {
      const channel = client.channels.cache.get(id);
      return channel !== undefined && "name" in channel ? (channel.name ?? undefined) : undefined;
    },
    // Discord gives a bot a role of its own name, and people pick either in the list.
    isBot: ({ kind, id }) =>
      id === (kind === "user" ? client.user?.id : guild?.roles.cache.find((role) => isOwn(role, client))?.id),
  };
}

/**
 * The name of somebody who has lately written where we heard it, as it was then. REST leaves out the names that people
 * have in a guild.
 */
export function heardName(client: Client, guild: string | undefined, user: string): string | undefined {
  const member = guild === undefined ? undefined : client.guilds.cache.get(guild)?.members.cache.get(user);
  return (member ?? client.users.cache.get(user))?.displayName;
}

function isOwn(role: { readonly tags: { readonly botId?: string } | null }, client: Client): boolean {
  return role.tags?.botId !== undefined && role.tags.botId === client.user?.id;
}
