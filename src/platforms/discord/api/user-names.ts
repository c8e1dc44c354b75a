import type { APIUser, Client } from "discord.js";

import type { Names } from "../text/markdown-to-text.ts";

type MentionedUsers = readonly (APIUser & { readonly member?: { readonly nick?: string | null } })[];

interface MessageWithMentions extends WithSounds {
  readonly id?: string;
  readonly channel_id?: string;
  readonly guild_id?: string | undefined;
  readonly mentions?: MentionedUsers;
  readonly message_snapshots?: readonly {
    readonly message: { readonly mentions?: MentionedUsers } & WithSounds;
  }[];
}

/** Discord's types don't know them yet: the sounds that a text names. */
interface WithSounds {
  readonly soundboard_sounds?: readonly { readonly sound_id: string; readonly name: string }[];
}

/** Names from the message itself, else, as those of roles and channels, from what the gateway has told us. */
export function namesFor(client: Client, message: MessageWithMentions): Names {
  const guild = message.guild_id === undefined ? undefined : client.guilds.cache.get(message.guild_id);
  const forwarded = (message.message_snapshots ?? []).flatMap((each) => each.message.mentions ?? []);
  const users = new Map(
    [...forwarded, ...(message.mentions ?? [])].map((user) => [
      user.id,
      user.member?.nick ?? user.global_name ?? user.username,
    ]),
  );
  const sounds = [message, ...(message.message_snapshots ?? []).map((each) => each.message)].flatMap(
    ({ soundboard_sounds: some = [] }) => some,
  );
  return {
    post:
      message.id !== undefined && message.id === message.channel_id
        ? forumPostTitle(client, message.id)
        : undefined,
    self: client.user?.displayName,
    sound: (id) => sounds.find(({ sound_id: each }) => each === id)?.name,
    user: (id) => users.get(id) ?? cachedName(client, message.guild_id, id),
    role: (id) => guild?.roles.cache.get(id)?.name,
    channel: (id) => {
      const channel = client.channels.cache.get(id);
      return channel !== undefined && "name" in channel ? (channel.name ?? undefined) : undefined;
    },
    // Discord gives a bot a role of its own name, and people pick either in the list.
    isBot: ({ kind, id }) =>
      id ===
      (kind === "user" ? client.user?.id : guild?.roles.cache.find((role) => isBotRole(role, client))?.id),
  };
}

/** A forum's post, with its tags. Undefined for any other thread, and for one that the gateway has not told of. */
function forumPostTitle(client: Client, id: string): string | undefined {
  const thread = client.channels.cache.get(id);
  if (thread === undefined || !thread.isThread() || !(thread.parent?.isThreadOnly() ?? false))
    return undefined;
  const { parent, name, appliedTags } = thread;
  const known = parent !== null && "availableTags" in parent ? parent.availableTags : [];
  const tags = known.filter((tag) => appliedTags.includes(tag.id)).map((tag) => tag.name);
  return `[post: ${name}${tags.length === 0 ? "" : `; tags: ${tags.join(", ")}`}]`;
}

/**
 * The name of somebody who has lately written where we heard it, as it was then. REST leaves out the names that people
 * have in a guild.
 */
export function cachedName(client: Client, guild: string | undefined, user: string): string | undefined {
  const member = guild === undefined ? undefined : client.guilds.cache.get(guild)?.members.cache.get(user);
  return (member ?? client.users.cache.get(user))?.displayName;
}

function isBotRole(role: { readonly tags: { readonly botId?: string } | null }, client: Client): boolean {
  return role.tags?.botId !== undefined && role.tags.botId === client.user?.id;
}
