import {
  latest,
  type Channel,
  type Role,
  type StoredMessage,
  type Uploaded,
  type User,
  type World,
} from "./world.ts";

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
    roles: user.roles ?? [],
    joined_at: "2026-01-01T00:00:00.000Z",
    deaf: false,
    mute: false,
    flags: user.isGuest === true ? 1 << 4 : 0,
    avatar: null,
    permissions: "0",
  };
}

export function channelPayload(channel: Channel): Record<string, unknown> {
  const base = { id: channel.id, type: channel.type, name: channel.name, flags: 0 };
  if (channel.recipient !== undefined) {
    return { id: channel.id, type: 1, flags: 0, recipients: [userPayload(channel.recipient)] };
  }
  const inGuild = {
    ...base,
    guild_id: channel.guild,
    position: 0,
    nsfw: channel.isAgeRestricted,
    ...(channel.type === 2 || channel.type === 13 ? { bitrate: 64_000, user_limit: 0 } : {}),
    permission_overwrites: channel.overwrites.map(({ id, type, allow, deny }) => ({
      id,
      type,
      allow: String(allow),
      deny: String(deny),
    })),
  };
  const { tags = [] } = channel;
  const emoji = { moderated: false, emoji_id: null, emoji_name: null };
  if (channel.parent === undefined)
    return { ...inGuild, available_tags: tags.map((tag) => Object.assign({ ...emoji }, tag)) };
  return {
    ...base,
    guild_id: channel.guild,
    parent_id: channel.parent,
    owner_id: channel.owner ?? "1",
    member_count: 1,
    message_count: 0,
    applied_tags: tags.map(({ id }) => id),
    ...(channel.slowModeS === undefined ? {} : { rate_limit_per_user: channel.slowModeS }),
    thread_metadata: {
      archived: channel.isArchived,
      auto_archive_duration: 4320,
      archive_timestamp: "2026-01-01T00:00:00.000Z",
      locked: channel.isLocked === true,
    },
  };
}

export function rolePayload({ id, name, bot, permissions }: Role): object {
  return {
    id,
    name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    position: 0,
    permissions: String(permissions),
    managed: bot !== undefined,
    mentionable: true,
    flags: 0,
    tags: bot === undefined ? undefined : { bot_id: bot },
  };
}

export function guildPayload(world: World, guild: string): object {
  const channels = [...world.channels.values()].filter((channel) => channel.guild === guild);
  return {
    id: guild,
    name: "Stand-in",
    unavailable: false,
    owner_id: "1",
    roles: world.rolesIn(guild).map(rolePayload),
    members: [{ user: userPayload(world.bot), ...memberPayload(world.bot) }],
    channels: channels.filter(({ parent }) => parent === undefined).map(channelPayload),
    // A sleeping thread is not told of.
    threads: channels
      .filter(({ parent, isArchived }) => parent !== undefined && !isArchived)
      .map((thread) =>
        Object.assign(channelPayload(thread), {
          last_message_id: world.messagesIn(thread.id).at(-1)?.id ?? null,
        }),
      ),
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

/** With a new URL, if the file is hosted. */
function signed(world: World, attachment: object): object {
  const id = "id" in attachment ? String(attachment.id) : "";
  const file = world.files.get(id);
  if (file === undefined) return attachment;
  file.signature += 1;
  return { ...attachment, url: `${world.origin}/attachments/${id}?hm=${file.signature}` };
}

/** As REST gives it. */
export function messagePayload(world: World, message: StoredMessage): Record<string, unknown> {
  const { content, flags, components, files = [] } = latest(message);
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
    mentions: mentioned(world, message).map(userPayload),
    mention_roles: [...content.matchAll(/<@&(\d+)>/gu)].map((match) => match[1]),
    attachments: [...message.attachments.map((file) => signed(world, file)), ...files.map(attachmentPayload)],
    embeds: [],
    components: components ?? [],
    pinned: false,
    type: message.type,
    flags,
    ...(message.replyTo === undefined ? {} : replyFields(world, message, answered)),
    ...message.extra,
  };
}

export function attachmentPayload({ id, name, type, bytes, description }: Uploaded, index: number): object {
  return {
    id: id ?? String(index),
    ...(description === undefined ? {} : { description }),
    filename: name,
    content_type: type,
    size: bytes.length,
    url: `https://cdn/${name}`,
  };
}

/** As the gateway alone gives it: with where it was written, and with names in the guild. */
export function messageEvent(world: World, message: StoredMessage): Record<string, unknown> {
  const payload = messagePayload(world, message);
  const guild = world.channels.get(message.channel)?.guild;
  if (guild === undefined) return { channel_type: 1, ...payload };
  const mentions = mentioned(world, message).map((user) =>
    Object.assign(userPayload(user), { member: memberPayload(user) }),
  );
  return { guild_id: guild, member: memberPayload(message.author), ...payload, mentions };
}

/** Also those of a thread's first message, which refers to the message that the thread was opened on. */
function replyFields(world: World, message: StoredMessage, answered: StoredMessage | undefined): object {
  return {
    message_reference: {
      type: 0,
      message_id: message.replyTo,
      channel_id: answered?.channel ?? message.channel,
      guild_id: world.channels.get(message.channel)?.guild,
    },
    referenced_message:
      answered === undefined || answered.isDeleted
        ? null
        : { ...messagePayload(world, answered), referenced_message: undefined },
  };
}

/** Discord counts the author of the message replied to among the mentioned, unless the ping was turned off. */
function mentioned(world: World, message: StoredMessage): readonly User[] {
  const named = new Set([...latest(message).content.matchAll(/<@!?(\d+)>/gu)].map((match) => match[1]));
  const answered = message.replyTo === undefined ? undefined : world.messages.get(message.replyTo);
  if (answered !== undefined && message.pings) named.add(answered.author.id);
  return [...world.users.values()].filter((user) => named.has(user.id));
}
