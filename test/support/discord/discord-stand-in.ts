import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { buttonsIn, labelOf } from "./buttons.ts";
import type { Fault } from "./faults.ts";
import { readModal, submissionOf } from "./forms.ts";
import { GatewayServer } from "./gateway-server.ts";
import { addThread, whereabouts } from "./message-routes.ts";
import {
  channelPayload,
  memberPayload,
  messageEvent,
  messagePayload,
  rolePayload,
  userPayload,
} from "./payloads.ts";
import { RestServer, type JournalLine } from "./rest-server.ts";
import {
  latest,
  World,
  type Channel,
  type Denial,
  type Interaction,
  type Overwrite,
  type StoredMessage,
  type Written,
} from "./world.ts";

export interface DiscordStandInOptions {
  readonly token?: string;
  /** 0, or missing: any free one. */
  readonly port?: number;
  /** 3 s when missing, as Discord's. */
  readonly interactionDeadlineMs?: number;
  /** Whether messages are listed with their nonce; what Discord does with old ones is not known. */
  readonly tellsNonces?: boolean;
}

/** What a person writes. */
export interface Saying {
  /** A channel, a thread or a DM. */
  readonly channel: string;
  /** By name; a new name is a new person. */
  readonly user: string;
  readonly text: string;
  /** Puts the bot's mention before the text. */
  readonly mention?: boolean;
  readonly replyTo?: string;
  /** False: the reply pings nobody. */
  readonly pings?: boolean;
  readonly attachments?: readonly object[];
  /** Discord's message type; 0, or 19 for a reply. */
  readonly type?: number;
  readonly isBot?: boolean;
  /** Missing: a new one. */
  readonly id?: string;
  /** Further fields of Discord's message object. */
  readonly extra?: object;
}

export interface Slash {
  readonly channel: string;
  readonly user: string;
  readonly name: string;
  /** Switches that are on. */
  readonly options?: readonly string[];
  /** Switches that were turned off. */
  readonly off?: readonly string[];
  /** What was typed, by the option's name. */
  readonly text?: Readonly<Record<string, string>>;
}

/** What a person has typed so far in a field of a command. */
export interface Typing extends Pick<Slash, "channel" | "user" | "name"> {
  readonly option: string;
  readonly typed: string;
}

/** A choice in the menu of a message. */
export interface Choosing {
  readonly message: string;
  readonly user: string;
  /** The entry's English name. */
  readonly name: string;
  /** The language of the person's Discord. Missing: English. */
  readonly locale?: string;
}

export interface Press {
  readonly channel: string;
  readonly user: string;
  readonly customId: string;
  readonly values: readonly string[];
}

export interface Reacting {
  readonly message: string;
  readonly user: string;
  readonly emoji: string;
  readonly isRemoved?: boolean;
}

export interface PostPress {
  readonly message: string;
  readonly user: string;
  /** Or the emoji that is shown instead. */
  readonly label: string;
  /** Of an earlier version of the post: the person does not see the newest one yet. Missing: the button with that label. */
  readonly customId?: string;
  /** How often Discord delivers it. Missing: once. */
  readonly times?: number;
}

/** One post of the bot as people see it now, with all it was. */
export interface SeenPost {
  readonly id: string;
  readonly content: string;
  readonly versions: readonly string[];
  readonly isDeleted: boolean;
  readonly replyTo?: string;
  readonly flags: number;
  /** The labels of the buttons under it now. */
  readonly buttons: readonly string[];
}

/** A local Discord: gateway and REST API, strict, small, with faults on demand. */
export class DiscordStandIn implements AsyncDisposable {
  readonly token: string;
  readonly world = new World();
  readonly gateway: GatewayServer;
  /** A text channel that everybody reads. */
  readonly channel: string;
  readonly #rest: RestServer;
  readonly #server = createServer((request, response) => void this.#rest.take(request, response));
  #isRevoked = false;

  constructor(options: DiscordStandInOptions = {}) {
    this.token = options.token ?? "test-discord-token";
    const token = () => (this.#isRevoked ? "revoked" : this.token);
    this.gateway = new GatewayServer(this.world, token);
    this.#rest = new RestServer(
      {
        world: this.world,
        gateway: this.gateway,
        interactionDeadlineMs: options.interactionDeadlineMs ?? 3_000,
        tellsNonces: options.tellsNonces ?? false,
      },
      token,
    );
    this.channel = this.addChannel().id;
  }

  async listen(port: number): Promise<void> {
    this.#server.keepAliveTimeout = 30_000;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(port, "127.0.0.1", resolve);
    await promise;
    this.gateway.attach(this.#server);
    this.world.origin = `http://127.0.0.1:${this.#port}`;
    this.gateway.url = `ws://127.0.0.1:${this.#port}`;
  }

  /** Ends in /api. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  get botId(): string {
    return this.world.bot.id;
  }

  get guild(): string {
    return this.world.guild;
  }

  /** Every call, in the order of arrival. */
  get journal(): readonly JournalLine[] {
    return this.#rest.journal;
  }

  addChannel(channel: Partial<Pick<Channel, "type" | "name" | "guild" | "tags">> = {}): Channel {
    const added = this.world.addChannel({ name: "general", guild: this.guild, ...channel });
    if (this.gateway.connections > 0) this.gateway.dispatch("CHANNEL_CREATE", channelPayload(added));
    return added;
  }

  /** The DM channel of a person with the bot. */
  directWith(user: string): string {
    return this.world.directWith(this.world.user(user)).id;
  }

  /** A thread that a person opens. */
  openThread(
    channel: string,
    options: { readonly isPrivate?: boolean; readonly on?: string; readonly name?: string } = {},
  ): string {
    const parent = this.#channel(channel);
    const { isPrivate = false, on: id, name = "A thread" } = options;
    const thread = { parent, isPrivate, name, ...(id === undefined ? {} : { id }) };
    return addThread(this, thread).id;
  }

  /** A post in a forum: a thread whose first message has its own id. */
  openPost(
    forum: string,
    post: {
      readonly user: string;
      readonly text: string;
      readonly name?: string;
      readonly tags?: Channel["tags"];
    },
  ): string {
    const { name = "A post", tags, ...said } = post;
    const parent = this.#channel(forum);
    const thread = { parent, isPrivate: false, name, ...(tags === undefined ? {} : { tags }) };
    const { id } = addThread(this, thread);
    this.say({ channel: id, ...said, id });
    return id;
  }

  /** Somebody deletes a channel with its threads, or one thread. */
  deleteChannel(id: string): void {
    const channel = this.#channel(id);
    const { parent, guild, type } = channel;
    for (const each of this.world.channels.values()) {
      if (each === channel || each.parent === id) this.world.channels.delete(each.id);
    }
    if (parent === undefined) this.gateway.dispatch("CHANNEL_DELETE", channelPayload(channel));
    else this.gateway.dispatch("THREAD_DELETE", { id, guild_id: guild, parent_id: parent, type });
  }

  /** What somebody may in a channel, beside or against their roles. */
  overwrite(channel: string, ...overwrites: readonly (Partial<Overwrite> & { readonly id: string })[]): void {
    const changed = this.#channel(channel);
    changed.overwrites = overwrites.map(({ id, type = 0, allow = 0n, deny = 0n }) => ({
      id,
      type,
      allow,
      deny,
    }));
    if (this.gateway.connections > 0) this.gateway.dispatch("CHANNEL_UPDATE", channelPayload(changed));
  }

  restrictAge(channel: string): void {
    const changed = this.#channel(channel);
    changed.isAgeRestricted = true;
    this.gateway.dispatch("CHANNEL_UPDATE", channelPayload(changed));
  }

  /** What a role may everywhere. */
  permit(name: string, permissions: bigint): void {
    const role = this.world.roles.find((each) => each.name === name);
    if (role === undefined) throw new Error(`The stand-in has no role ${name}`);
    role.permissions = permissions;
    const changed = { guild_id: this.guild, role: rolePayload(role) };
    if (this.gateway.connections > 0) this.gateway.dispatch("GUILD_ROLE_UPDATE", changed);
  }

  archive(thread: string): void {
    this.#channel(thread).isArchived = true;
  }

  /** A moderator closes a thread for good, or fills it, or slows it down. */
  restrict(thread: string, how: Pick<Channel, "isLocked" | "isFull" | "slowModeS">): void {
    Object.assign(this.#channel(thread), how, how.isLocked === true ? { isArchived: true } : {});
  }

  deny(channel: string, ...denials: readonly Denial[]): void {
    for (const denial of denials) this.#channel(channel).denied.add(denial);
  }

  closeDirects(user: string): void {
    this.world.closedDirects.add(this.world.user(user).id);
  }

  /** @returns the id of the message. */
  say(saying: Saying): string {
    const channel = this.#channel(saying.channel);
    const isReply = saying.replyTo !== undefined;
    const content = saying.mention === true ? `<@${this.botId}> ${saying.text}` : saying.text;
    const message: StoredMessage = {
      id: saying.id ?? this.world.ids.next(),
      channel: channel.id,
      author: this.world.user(saying.user, saying.isBot),
      type: saying.type ?? (isReply ? 19 : 0),
      sentAtMs: Date.now(),
      pings: saying.pings ?? true,
      attachments: saying.attachments ?? [],
      extra: saying.extra ?? {},
      versions: [{ content, allowedMentions: undefined, flags: 0 }],
      isDeleted: false,
      ...(saying.replyTo === undefined ? {} : { replyTo: saying.replyTo }),
    };
    this.world.messages.set(message.id, message);
    this.#tell("MESSAGE_CREATE", message);
    return message.id;
  }

  /** A person changes what they wrote. */
  /** `attachments` missing: they stay. */
  edit(id: string, text: string, attachments?: readonly object[]): void {
    const message = this.#message(id);
    if (attachments !== undefined) message.attachments = attachments;
    message.versions.push({ ...latest(message), content: text });
    // Discord tells microseconds: no two edits have one time.
    message.editedAtMs = Math.max(Date.now(), (message.editedAtMs ?? 0) + 1);
    this.#tell("MESSAGE_UPDATE", message);
  }

  /** As when Discord finds a preview for a link: an update, but no edit. */
  touch(id: string): void {
    this.#tell("MESSAGE_UPDATE", this.#message(id));
  }

  /** Discord completes a message, without an edit: the cards of its links, the votes of its poll. */
  complete(id: string, extra: object): void {
    const message = this.#message(id);
    message.extra = { ...message.extra, ...extra };
    this.touch(id);
  }

  /** A person changes the title or the tags of a post. */
  retitle(thread: string, to: Pick<Channel, "tags"> & { readonly name?: string }): void {
    const changed = Object.assign(this.#channel(thread), to);
    this.gateway.dispatch("THREAD_UPDATE", channelPayload(changed));
  }

  /** Somebody changes the tags that a forum offers. */
  relabel(forum: string, tags: NonNullable<Channel["tags"]>): void {
    const changed = Object.assign(this.#channel(forum), { tags });
    this.gateway.dispatch("CHANNEL_UPDATE", channelPayload(changed));
  }

  /** Delivers a message a second time, as after a resume. */
  repeat(id: string): void {
    this.#tell("MESSAGE_CREATE", this.#message(id));
  }

  delete(id: string): void {
    const message = this.#message(id);
    message.isDeleted = true;
    const where = whereabouts(this.#channel(message.channel));
    this.gateway.dispatch("MESSAGE_DELETE", { id, channel_id: message.channel, ...where });
  }

  deleteMany(channel: string, ids: readonly string[]): void {
    for (const id of ids) this.#message(id).isDeleted = true;
    const where = whereabouts(this.#channel(channel));
    this.gateway.dispatch("MESSAGE_DELETE_BULK", { ids, channel_id: channel, ...where });
  }

  /** A person, or an app, adds a reaction to a message, or removes it. Only the first event says who they are, and who wrote it. */
  react({ message, user: name, emoji, isRemoved = false }: Reacting): void {
    const { channel, author } = this.#message(message);
    const user = this.world.user(name);
    const where = whereabouts(this.#channel(channel));
    const what = { user_id: user.id, channel_id: channel, message_id: message, ...where };
    const how = { emoji: { id: null, name: emoji }, burst: false, type: 0 };
    const member = "guild_id" in where ? { member: { ...memberPayload(user), user: userPayload(user) } } : {};
    if (isRemoved) this.gateway.dispatch("MESSAGE_REACTION_REMOVE", { ...what, ...how });
    else {
      const added = { ...what, ...how, ...member, message_author_id: author.id };
      this.gateway.dispatch("MESSAGE_REACTION_ADD", added);
    }
  }

  /** A moderator removes all reactions to a message, or all with one emoji. The event does not say who did. */
  clearReactions(message: string, emoji?: string): void {
    const { channel } = this.#message(message);
    const what = { channel_id: channel, message_id: message, ...whereabouts(this.#channel(channel)) };
    if (emoji === undefined) this.gateway.dispatch("MESSAGE_REACTION_REMOVE_ALL", what);
    else
      this.gateway.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", { ...what, emoji: { id: null, name: emoji } });
  }

  /** A person gives a slash command; what became of it is read from the result. */
  slash({ channel, user, name, options = [], off = [], text = {} }: Slash): Interaction {
    const data = {
      id: this.world.ids.next(),
      type: 1,
      name,
      options: [
        ...options.map((option) => ({ type: 5, name: option, value: true })),
        ...off.map((option) => ({ type: 5, name: option, value: false })),
        ...Object.entries(text).map(([option, value]) => ({ type: 3, name: option, value })),
      ],
    };
    return this.#interact(2, { channel, user, data });
  }

  /** A person chooses an entry of a message's menu. Discord sends the message along, also where the bot sees none. */
  choose({ message: id, user, name, locale }: Choosing): Interaction {
    const message = this.#message(id);
    const resolved = { messages: { [id]: messagePayload(this.world, message) } };
    const data = { id: this.world.ids.next(), type: 3, name, target_id: id, resolved };
    return this.#interact(2, {
      channel: message.channel,
      user,
      data,
      ...(locale === undefined ? {} : { locale }),
    });
  }

  /** A person types in a field of a command. */
  type({ channel, user, name, option, typed }: Typing): Interaction {
    const options = [{ type: 3, name: option, value: typed, focused: true }];
    return this.#interact(4, { channel, user, data: { id: this.world.ids.next(), type: 1, name, options } });
  }

  /** A channel of a server that the bot is no member of. */
  addForeignChannel(): string {
    return this.world.addChannel({ guild: this.world.ids.next() }).id;
  }

  /** A group DM, which no bot can be in. */
  addGroup(): string {
    return this.world.addChannel({ type: 3 }).id;
  }

  /** A person presses a button of the bot. */
  pressButton({ channel, user, customId }: Omit<Press, "values">): Interaction {
    const shown = this.#privately(customId);
    return this.#interact(3, { channel, user, shown, data: { component_type: 2, custom_id: customId } });
  }

  /** A person presses a button under a post of the bot; `message` is the post. Discord takes no other press. */
  pressUnder({ message: id, user, label, customId, times = 1 }: PostPress): Interaction {
    const message = this.#message(id);
    const button = buttonsIn(latest(message).components).find((each) => labelOf(each) === label);
    const pressed = customId ?? button?.custom_id;
    if (pressed === undefined) throw new Error(`There is no button ${label}`);
    const data = { component_type: 2, custom_id: pressed };
    return this.#interact(3, { channel: message.channel, user, data, message, times });
  }

  /** A person fills in the form that their press has opened, and sends it. */
  submitForm(
    { callbacks, channel, user, message }: Interaction,
    text: string,
    { by = user, ...how }: { readonly by?: string; readonly times?: number; readonly locale?: string } = {},
  ): Interaction {
    const opened = callbacks.find(({ type }) => type === 9);
    if (opened === undefined) throw new Error("The press opened no form");
    const data = submissionOf(readModal(opened.data), text);
    const from = message === undefined ? {} : { message };
    return this.#interact(5, { channel, user: by, data, ...how, ...from });
  }

  /** A person chooses in a select menu of the bot. */
  press({ channel, user, customId, values }: Press): Interaction {
    return this.#interact(3, {
      channel,
      user,
      shown: this.#privately(customId),
      data: { component_type: 3, custom_id: customId, values },
    });
  }

  /** The bot's posts in a channel, oldest first, the deleted ones too. */
  posts(channel: string): readonly SeenPost[] {
    return this.world
      .messagesIn(channel)
      .filter((message) => message.author === this.world.bot && message.type !== 21)
      .map(seen);
  }

  /** Calls of one kind: `calls("POST", /messages$/)`. */
  calls(method: string, path: RegExp): readonly JournalLine[] {
    return this.journal.filter((line) => line.method === method && path.test(line.path));
  }

  /** How often a file was asked for. */
  downloads(): number {
    return this.#rest.downloads;
  }

  fail(fault: Fault): void {
    this.#rest.faults.add(fault);
  }

  heal(): void {
    this.#rest.faults.clear();
  }

  /** A few minutes later: a repeated nonce makes a new message. */
  forgetNonces(): void {
    this.world.nonces.clear();
  }

  revokeToken(): void {
    this.#isRevoked = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gateway.stop();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  get #port(): number {
    const address = this.#server.address();
    return isAddress(address) ? address.port : 0;
  }

  /** A message that only its person sees, by one of its buttons. */
  #privately(customId: string): Written | undefined {
    return [...this.world.interactions.values()]
      .flatMap(({ original, followUps }) => original.slice(-1).concat(followUps))
      .findLast(({ components }) => JSON.stringify(components ?? []).includes(`"${customId}"`));
  }

  #interact(
    type: number,
    given: {
      channel: string;
      user: string;
      data: object;
      message?: StoredMessage;
      /** What the pressed message shows, where only its person sees it. */
      shown?: Written | undefined;
      times?: number;
      locale?: string;
    },
  ): Interaction {
    const channel = this.#channel(given.channel);
    const user = this.world.user(given.user);
    const interaction: Interaction = {
      id: this.world.ids.next(),
      type,
      user: given.user,
      ...(given.message === undefined ? {} : { message: given.message }),
      token: `token-${this.world.ids.next()}`,
      channel: channel.id,
      madeAtMs: Date.now(),
      callbacks: [],
      // The response to a press is the message that it was made under.
      original: given.message?.versions ?? (given.shown === undefined ? [] : [given.shown]),
      followUps: [],
      isExpired: false,
      isAway: !this.world.hasBot(channel),
    };
    this.world.interactions.set(interaction.token, interaction);
    const event = {
      id: interaction.id,
      token: interaction.token,
      type,
      version: 1,
      application_id: this.world.application,
      channel_id: channel.id,
      channel: channelPayload(channel),
      locale: given.locale ?? "en-US",
      entitlements: [],
      authorizing_integration_owners: interaction.isAway ? { 1: user.id } : { 0: channel.guild ?? "0" },
      app_permissions: "0",
      attachment_size_limit: 1,
      data: given.data,
      ...(type === 3 || given.message !== undefined
        ? { message: this.#pressed(channel, given.message, given.shown) }
        : {}),
      ...(channel.guild === undefined
        ? { context: interaction.isAway ? 2 : 1, user: userPayload(user) }
        : {
            context: 0,
            guild_id: channel.guild,
            guild: { id: channel.guild, features: [], locale: "en-US" },
            member: {
              ...memberPayload(user),
              user: userPayload(user),
              permissions: String(this.world.permissionsIn(channel, user)),
            },
          }),
    };
    for (let sent = 0; sent < (given.times ?? 1); sent += 1)
      this.gateway.dispatch("INTERACTION_CREATE", event);
    return interaction;
  }

  /** The message that was pressed; without one, what a select menu hangs on. */
  #pressed(channel: Channel, message?: StoredMessage, shown?: Written): object {
    return messagePayload(
      this.world,
      message ?? {
        id: this.world.ids.next(),
        channel: channel.id,
        author: this.world.bot,
        type: 20,
        sentAtMs: Date.now(),
        pings: false,
        attachments: [],
        extra: {},
        versions: [shown ?? { content: "…", allowedMentions: undefined, flags: 64 }],
        isDeleted: false,
      },
    );
  }

  #tell(event: string, message: StoredMessage): void {
    if (!this.world.hasBot(this.#channel(message.channel))) return;
    this.gateway.dispatch(event, messageEvent(this.world, message));
  }

  #channel(id: string): Channel {
    const channel = this.world.channels.get(id);
    if (channel === undefined) throw new Error(`The stand-in has no channel ${id}`);
    return channel;
  }

  #message(id: string): StoredMessage {
    const message = this.world.messages.get(id);
    if (message === undefined) throw new Error(`The stand-in has no message ${id}`);
    return message;
  }
}

function seen(message: StoredMessage): SeenPost {
  const { id, isDeleted, replyTo, versions } = message;
  const { content, flags, components } = latest(message);
  const reference = replyTo === undefined ? {} : { replyTo };
  const buttons = buttonsIn(components).map(labelOf);
  return {
    id,
    content,
    flags,
    isDeleted,
    buttons,
    versions: versions.map((each) => each.content),
    ...reference,
  };
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

/** Starts it on 127.0.0.1. */
export async function startDiscordStandIn(options: DiscordStandInOptions = {}): Promise<DiscordStandIn> {
  const standIn = new DiscordStandIn(options);
  await standIn.listen(options.port ?? 0);
  return standIn;
}
