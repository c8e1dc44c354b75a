import { Snowflakes } from "./snowflakes.ts";

export interface User {
  readonly id: string;
  readonly name: string;
  readonly isBot: boolean;
  /** The name in the guild. */
  nick?: string;
  /** Beside @everyone, which all have. */
  roles?: readonly string[];
  /** Invited to one voice channel, and no further. */
  isGuest?: boolean;
  hasLeft?: boolean;
}

/** What a role or a member is allowed and denied in one channel. */
export interface Overwrite {
  readonly id: string;
  /** 0: a role. 1: a member. */
  readonly type: 0 | 1;
  readonly allow: bigint;
  readonly deny: bigint;
}

/** https://discord.com/developers/docs/topics/permissions */
export const permissions = {
  administrator: 1n << 3n,
  view: 1n << 10n,
  send: 1n << 11n,
  manageMessages: 1n << 13n,
  history: 1n << 16n,
  connect: 1n << 20n,
  sendInThreads: 1n << 38n,
} as const;

/** What @everyone may in a new guild, as far as it matters here. */
const usual =
  permissions.view | permissions.send | permissions.sendInThreads | permissions.history | permissions.connect;

/** `remove`: to delete threads. */
export type Denial =
  | "threads"
  | "send"
  | "history"
  | "view"
  | "remove"
  | "react"
  | "sendInThreads"
  | "attach";

export interface Channel {
  readonly id: string;
  /** Discord's channel types: 0 text, 1 DM, 2 voice, 5 announcements, 11 public thread, 12 private thread, 13 stage, 15 forum. */
  readonly type: number;
  readonly name: string;
  /** Missing for a DM. */
  readonly guild?: string;
  readonly parent?: string;
  /** Who opened a thread. Missing: a person. */
  readonly owner?: string;
  /** What a forum offers, and what a post in it has. */
  readonly tags?: readonly { readonly id: string; readonly name: string }[];
  /** The person of a DM. */
  readonly recipient?: User;
  isArchived: boolean;
  /** Only who manages threads opens it again, and writes in it. */
  isLocked?: boolean;
  /** Holds no further member, or its server no further open thread. */
  isFull?: boolean;
  /** How long the bot has to wait between two posts, and two threads. */
  slowModeS?: number;
  /** What the bot may not do here. */
  readonly denied: Set<Denial>;
  overwrites: readonly Overwrite[];
  isAgeRestricted: boolean;
}

export interface Written {
  readonly content: string;
  readonly allowedMentions: unknown;
  readonly flags: number;
  readonly components?: unknown;
  /** Came with it. */
  readonly files?: readonly Uploaded[];
  /** When an edit made it. Missing: the message began with it. */
  readonly editedAtMs?: number;
}

/** A file as it came. */
export interface Uploaded {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  /** Given when it became an attachment. */
  readonly id?: string;
  /** Its alternative text. */
  readonly description?: string;
}

/** A message as the stand-in keeps it; `versions` begins with what was first written. */
export interface StoredMessage {
  readonly id: string;
  readonly channel: string;
  readonly author: User;
  readonly type: number;
  readonly sentAtMs: number;
  readonly replyTo?: string;
  /** The one replied to hears it. */
  readonly pings: boolean;
  readonly nonce?: string;
  attachments: readonly object[];
  /** What the bot reacted with. */
  reactions?: readonly string[];
  /** Other fields of Discord's message object, for rare kinds of message. */
  extra: object;
  readonly versions: Written[];
  editedAtMs?: number;
  isDeleted: boolean;
}

export interface Interaction {
  readonly id: string;
  /** 2: a command. 3: a component. 4: typing in a command's field. 5: a form. */
  readonly type: number;
  /** By name. */
  readonly user: string;
  /** The post whose button was pressed. */
  readonly message?: StoredMessage;
  readonly token: string;
  readonly channel: string;
  readonly madeAtMs: number;
  /** Every callback that Discord took. */
  readonly callbacks: { readonly type: number; readonly data?: Readonly<Record<string, unknown>> }[];
  /** What the asker sees as the answer, version by version. */
  original: Written[];
  readonly followUps: Written[];
  isExpired: boolean;
  /** Where the bot is no member: only its person has installed it. */
  readonly isAway: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  /** The bot whose own role it is. */
  readonly bot?: string;
  permissions: bigint;
}

/** A file on the CDN. Only its newest URL works: each time that its message is read, the older ones expire. */
export interface HostedFile {
  readonly bytes: Buffer;
  signature: number;
}

/** Everything that a Discord would know. */
export class World {
  readonly ids = new Snowflakes();
  readonly bot: User;
  readonly application: string;
  readonly guild: string;
  readonly guilds: string[];
  readonly users = new Map<string, User>();
  readonly channels = new Map<string, Channel>();
  /** Those of the first guild. */
  readonly roles: Role[];
  readonly messages = new Map<string, StoredMessage>();
  readonly interactions = new Map<string, Interaction>();
  readonly nonces = new Map<string, string>();
  readonly closedDirects = new Set<string>();
  commands: readonly unknown[] = [];
  /** The files of messages, by attachment id. */
  readonly files = new Map<string, HostedFile>();
  /** Where files are served; set when the stand-in listens. */
  origin = "";

  constructor() {
    this.application = this.ids.next();
    this.guild = this.ids.next();
    this.guilds = [this.guild];
    this.bot = { id: this.ids.next(), name: "threadkeeper", isBot: true };
    this.users.set(this.bot.name, this.bot);
    this.roles = [
      { id: this.guild, name: "@everyone", permissions: usual },
      { id: this.ids.next(), name: "Threadkeeper", bot: this.bot.id, permissions: 0n },
      { id: this.ids.next(), name: "Designers", permissions: 0n },
    ];
  }

  user(name: string, isBot = false): User {
    const known = this.users.get(name);
    if (known !== undefined) return known;
    const user: User = { id: this.ids.next(), name, isBot };
    this.users.set(name, user);
    return user;
  }

  /** A further guild, on another shard than the first one where there are two. */
  addGuild(): string {
    const ms = 1n << 22n;
    const next = BigInt(this.ids.next()) | (ms >> 1n);
    const isBeside = (next >> 22n) % 2n !== (BigInt(this.guild) >> 22n) % 2n;
    const guild = String(isBeside ? next : next + ms);
    this.guilds.push(guild);
    return guild;
  }

  rolesIn(guild: string): readonly Role[] {
    return guild === this.guild ? this.roles : [{ id: guild, name: "@everyone", permissions: usual }];
  }

  addChannel(
    channel: Partial<Omit<Channel, "denied" | "isArchived" | "overwrites" | "isAgeRestricted">>,
  ): Channel {
    const id = channel.id ?? this.ids.next();
    const added: Channel = {
      type: 0,
      name: `channel-${id}`,
      ...channel,
      id,
      isArchived: false,
      denied: new Set(),
      overwrites: [],
      isAgeRestricted: false,
    };
    this.channels.set(id, added);
    return added;
  }

  directWith(user: User): Channel {
    const known = [...this.channels.values()].find((channel) => channel.recipient === user);
    return known ?? this.addChannel({ type: 1, name: "", recipient: user });
  }

  /** https://discord.com/developers/docs/topics/permissions#permission-overwrites, of a thread in its channel. */
  permissionsIn(channel: Channel, user: User): bigint {
    const { guild = "", overwrites } = this.channels.get(channel.parent ?? "") ?? channel;
    const roles = new Set([guild, ...(user.roles ?? [])]);
    const granted = this.rolesIn(guild).reduce(
      (sum, role) => (roles.has(role.id) ? sum | role.permissions : sum),
      0n,
    );
    if ((granted & permissions.administrator) !== 0n) return ~(~0n << 60n);
    const isOfRole = ({ id }: Overwrite): boolean => id !== guild && roles.has(id);
    const steps = [
      overwrites.filter(({ id }) => id === guild),
      overwrites.filter(isOfRole),
      overwrites.filter(({ id }) => id === user.id),
    ];
    return steps.reduce((sum, each) => {
      const denied = each.reduce((bits, { deny }) => bits | deny, 0n);
      return each.reduce((bits, { allow }) => bits | allow, sum & ~denied);
    }, granted);
  }

  /** Whether the bot is a member there: of the guild, or of the DM. */
  hasBot({ type, guild }: Channel): boolean {
    return guild === undefined ? type === 1 : this.guilds.includes(guild);
  }

  messagesIn(channel: string): readonly StoredMessage[] {
    return [...this.messages.values()].filter((message) => message.channel === channel);
  }
}

export function latest(message: StoredMessage): Written {
  const last = message.versions.at(-1);
  if (last === undefined) throw new Error("A message without a version");
  return last;
}
