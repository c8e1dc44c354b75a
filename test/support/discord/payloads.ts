import { latest, type Channel, type StoredMessage, type User, type World } from "./world.ts";

/** What Discord's objects look like on the wire, with all that its client needs to read them. */

export function userPayload(user: User): object {
  return {
    id: user.id,
    username: user.name,
    global_name: null,
    discriminator: "0",
    avatar: null,
    bot: user.isBot,
    flags: 0,
  };
}

export function memberPayload(user: User): object {
  return {
    nick: user.nick ?? null,
    roles: [],
    joined_at: "2026-01-01T00:00:00.000Z",
    deaf: false,
    mute: false,
    flags: 0,
    avatar: null,
    permissions: "0",
  };
}

export function channelPayload(channel: Channel): Record<string, unknown> {
  const base = { id: channel.id, type: channel.type, name: channel.name, flags: 0 };
  if (channel.recipient !== undefined) {
    return { id: channel.id, type: 1, flags: 0, recipients: [userPayload(channel.recipient)] };
  }
  const inGuild = { ...base, guild_id: channel.guild, permission_overwrites: [], position: 0 };
  if (channel.parent === undefined) return inGuild;
  return {
    ...base,
    guild_id: channel.guild,
    parent_id: channel.parent,
    owner_id: "1",
    member_count: 1,
    message_count: 0,
    thread_metadata: {
      archived: channel.isArchived,
      auto_archive_duration: 4320,
      archive_timestamp: "2026-01-01T00:00:00.000Z",
      locked: false,
    },
  };
}

export function guildPayload(world: World): object {
  const channels = [...world.channels.values()].filter((channel) => channel.guild !== undefined);
  return {
    id: world.guild,
    name: "Stand-in",
    unavailable: false,
    owner_id: "1",
    roles: world.roles.map(({ id, name, bot }) => ({
      id,
      name,
      color: 0,
      colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
      hoist: false,
      position: 0,
      permissions: "0",
      managed: bot !== undefined,
      mentionable: true,
      flags: 0,
      ...(bot === undefined ? {} : { tags: { bot_id: bot } }),
    })),
    members: [{ user: userPayload(world.bot), ...memberPayload(world.bot) }],
    channels: channels.filter(({ parent }) => parent === undefined).map(channelPayload),
    // A sleeping thread is not told of.
    threads: channels
      .filter(({ parent, isArchived }) => parent !== undefined && !isArchived)
      .map(channelPayload),
    emojis: [],
    stickers: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    features: [],
    member_count: 1,
    large: false,
    system_channel_flags: 0,
    premium_tier: 0,
    verification_level: 0,
    nsfw_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    preferred_locale: "en-US",
  };
}

/** As REST and gateway both give it. */
export function messagePayload(world: World, message: StoredMessage): Record<string, unknown> {
  const { content, flags, components } = latest(message);
  const channel = world.channels.get(message.channel);
  const answered = message.replyTo === undefined ? undefined : world.messages.get(message.replyTo);
  return {
    id: message.id,
    channel_id: message.channel,
    author: userPayload(message.author),
    content,
    timestamp: new Date(message.sentAtMs).toISOString(),
    edited_timestamp: message.editedAtMs === undefined ? null : new Date(message.editedAtMs).toISOString(),
    tts: false,
    mention_everyone: /@(?:everyone|here)/u.test(content),
    mentions: mentioned(world, message).map((user) =>
      Object.assign(userPayload(user), channel?.guild === undefined ? {} : { member: memberPayload(user) }),
    ),
    mention_roles: [...content.matchAll(/<@&(\d+)>/gu)].map((match) => match[1]),
    attachments: message.attachments,
    embeds: [],
    components: components ?? [],
    pinned: false,
    type: message.type,
    flags,
    ...(message.replyTo === undefined ? {} : replyFields(world, message, answered)),
    ...message.extra,
  };
}

function replyFields(world: World, message: StoredMessage, answered: StoredMessage | undefined): object {
  return {
    message_reference: {
      type: 0,
      message_id: message.replyTo,
      channel_id: message.channel,
      guild_id: world.channels.get(message.channel)?.guild,
    },
    referenced_message:
      answered === undefined || answered.isDeleted
        ? null
        : { ...messagePayload(world, { ...answered, extra: {} }), referenced_message: undefined },
  };
}

/** Discord counts the author of the message replied to among the mentioned, unless the ping was turned off. */
function mentioned(world: World, message: StoredMessage): readonly User[] {
  const named = new Set([...latest(message).content.matchAll(/<@!?(\d+)>/gu)].map((match) => match[1]));
  const answered = message.replyTo === undefined ? undefined : world.messages.get(message.replyTo);
  if (answered !== undefined && message.pings) named.add(answered.author.id);
  return [...world.users.values()].filter((user) => named.has(user.id));
}
