import type { APIUser, Client } from "discord.js";

import type { Names } from "./plain-text.ts";

interface Mentioning {
  readonly guild_id?: string;
  readonly mentions?: readonly (APIUser & { readonly member?: { readonly nick?: string | null } })[];
}

/** Names from the message itself, roles and channels from what the gateway has told us. */
export function namesFor(client: Client, message: Mentioning): Names {
  const guild = message.guild_id === undefined ? undefined : client.guilds.cache.get(message.guild_id);
  const users = new Map(
    (message.mentions ?? []).map((user) => [user.id, user.member?.nick ?? user.global_name ?? user.username]),
  );
  return {
    user: (id) => users.get(id),
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

function isOwn(role: { readonly tags: { readonly botId?: string } | null }, client: Client): boolean {
  return role.tags?.botId !== undefined && role.tags.botId === client.user?.id;
}
