import type { AnyThreadChannel, APIUser, Client } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ShownTitle } from "../../../domain/shown-title.ts";
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

/** Soundboard sounds named in the text. Discord's types lack them. */
interface WithSounds {
  readonly soundboard_sounds?: readonly { readonly sound_id: string; readonly name: string }[];
}

/**
 * Names for the markup of a message: from the message itself, else from the gateway's cache, which also has roles and
 * channels.
 */
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
    // Discord creates a role with the bot's name, and people may pick either from the list.
    isBot: ({ kind, id }) =>
      id ===
      (kind === "user" ? client.user?.id : guild?.roles.cache.find((role) => isBotRole(role, client))?.id),
  };
}

/**
 * The title and tags of a forum post. Undefined for other threads, and for those that the gateway has not announced.
 */
function forumPostTitle(client: Client, id: string): string | undefined {
  const thread = client.channels.cache.get(id);
  if (thread === undefined || !thread.isThread() || !(thread.parent?.isThreadOnly() ?? false))
    return undefined;
  const tags = tagsOf(thread);
  return `[post: ${thread.name}${tags.length === 0 ? "" : `; tags: ${tags.join(", ")}`}]`;
}

/** From the gateway's cache: undefined for what it has not announced, and for what is no thread of a person. */
export function shownTitle(client: Client, conversation: ConversationKey): ShownTitle | undefined {
  const thread = client.channels.cache.get(conversation.slice(conversation.lastIndexOf(":") + 1));
  if (thread?.isThread() !== true || thread.ownerId === client.user?.id) return undefined;
  const { id, name, parent } = thread;
  // The first message of a forum's post has its id. Other threads may have begun without one.
  return { text: name, tags: tagsOf(thread), ...(parent?.isThreadOnly() === true ? { first: id } : {}) };
}

function tagsOf({ parent, appliedTags }: AnyThreadChannel): readonly string[] {
  const known = parent !== null && "availableTags" in parent ? parent.availableTags : [];
  return known.filter((tag) => appliedTags.includes(tag.id)).map((tag) => tag.name);
}

/** The server name of a person who wrote lately, as it was then. REST responses lack server names. */
export function cachedName(client: Client, guild: string | undefined, user: string): string | undefined {
  const member = guild === undefined ? undefined : client.guilds.cache.get(guild)?.members.cache.get(user);
  return (member ?? client.users.cache.get(user))?.displayName;
}

function isBotRole(role: { readonly tags: { readonly botId?: string } | null }, client: Client): boolean {
  return role.tags?.botId !== undefined && role.tags.botId === client.user?.id;
}
