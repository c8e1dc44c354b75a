import {
  ChannelType,
  GuildMemberFlags,
  PermissionFlagsBits,
  Status,
  type Client,
  type Guild,
  type GuildBasedChannel,
  type NonThreadGuildBasedChannel,
} from "discord.js";

import type { Clock } from "../../../ports/clock.ts";
import { PlatformError, type Platform, type Readable, type Readers } from "../../../ports/platform.ts";
import type { DiscordApi } from "../api/discord-api.ts";

/** For all that has to be asked; what is known by then counts. */
const deadlineMs = 2_000;
/** Of channels that the gateway has not told of. */
const maxChannelLookups = 10;
const unknownChannelTtlMs = 10 * 60_000;
const maxUnknownChannels = 1_000;

type Verdict = "yes" | "no" | "unknown";
type MayRead = (channel: NonThreadGuildBasedChannel) => boolean;

const nothing: Readable = { places: [], unknown: [] };

export interface ReadablePlacesPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly clock: Clock;
}

/**
 * Knows who may read what, as Discord computes it from roles and overwrites. A category's overwrites stand in each of
 * its channels; threads and forum posts are listed under their channel, and whoever may read that may read them.
 * Never told elsewhere: DMs, other servers, private threads, and channels with an age limit.
 */
export class ReadablePlaces {
  readonly #ports: ReadablePlacesPorts;
  /** When Discord last knew no such channel. */
  readonly #unknown = new Map<string, number>();

  constructor(ports: ReadablePlacesPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} where Discord can't be asked about the person. */
  readonly readable: NonNullable<Platform["readable"]> = async (readers, places, signal) => {
    const [location = "", channel = ""] = readers.place.split(":", 2);
    const guild = this.#ports.client.guilds.cache.get(location);
    const candidates = places.filter((place) => place.startsWith(`${location}:`));
    if (guild === undefined || candidates.length === 0) return nothing;
    if (!isUpToDate(guild)) return { places: [], unknown: candidates };
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    try {
      const mayRead = await this.#readersIn(guild, channel, readers, deadline);
      return mayRead === undefined ? nothing : await this.#filter(guild, candidates, mayRead, deadline);
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.aborted) throw error;
      throw new PlatformError("unreachable", "Discord did not say in time who may read what", {
        cause: error,
      });
    }
  };

  /** Undefined: they may read nothing but where they are. */
  async #readersIn(
    guild: Guild,
    channel: string,
    { person }: Readers,
    signal: AbortSignal,
  ): Promise<MayRead | undefined> {
    if (person !== undefined) return this.#personIn(guild, person, signal);
    const here = await this.#channelIn(guild, channel, signal);
    // Guests may be there, who see nothing else of the server.
    if (here === undefined || isVoice(here)) return undefined;
    return (source) => everyoneMayRead(guild, source);
  }

  async #personIn(guild: Guild, person: string, signal: AbortSignal): Promise<MayRead | undefined> {
    try {
      const member = await this.#ports.api.member(guild, person, signal);
      const isLimited = member.pending || member.flags.has(GuildMemberFlags.IsGuest);
      return isLimited ? undefined : (source) => source.permissionsFor(member).has(requiredToRead(source));
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "gone") return undefined;
      throw error;
    }
  }

  /** What the gateway tells of costs nothing; of the rest a few are looked at, and remembered. */
  async #filter(
    guild: Guild,
    places: readonly string[],
    mayRead: MayRead,
    signal: AbortSignal,
  ): Promise<Readable> {
    let lookups = 0;
    const checks = places.map(async (place): Promise<Verdict> => {
      const id = place.slice(guild.id.length + 1);
      const known = this.#knownIn(guild, id);
      if (known === "untold" && (lookups += 1) > maxChannelLookups) return "unknown";
      const channel = known === "untold" ? await this.#look(guild, id, signal) : known;
      if (typeof channel === "string") return channel;
      return isOpenToOthers(channel) && mayRead(channel) ? "yes" : "no";
    });
    const verdicts = await Promise.all(checks);
    const which = (one: Verdict): readonly string[] => places.filter((_, index) => verdicts[index] === one);
    return { places: which("yes"), unknown: which("unknown") };
  }

  /** Undefined where Discord doesn't tell of it, or not in time. */
  async #channelIn(guild: Guild, id: string, signal: AbortSignal): Promise<GuildBasedChannel | undefined> {
    const known = this.#knownIn(guild, id);
    const channel = known === "untold" ? await this.#look(guild, id, signal) : known;
    return typeof channel === "string" ? undefined : channel;
  }

  /** "untold": the gateway has not told of it, and it was not looked for lately. */
  #knownIn(guild: Guild, id: string): GuildBasedChannel | "untold" | "no" {
    const known = guild.channels.cache.get(id);
    if (known !== undefined) return known;
    return this.#ports.clock.nowMs() - (this.#unknown.get(id) ?? 0) < unknownChannelTtlMs ? "no" : "untold";
  }

  /** "no": there is none that we may see. */
  async #look(guild: Guild, id: string, signal: AbortSignal): Promise<GuildBasedChannel | "no" | "unknown"> {
    try {
      return (await this.#ports.api.channelIn(guild, id, signal)) ?? "no";
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) return "unknown";
      this.#rememberUnknown(id);
      return "no";
    }
  }

  #rememberUnknown(id: string): void {
    this.#unknown.set(id, this.#ports.clock.nowMs());
    const [oldest] = this.#unknown.keys();
    if (this.#unknown.size > maxUnknownChannels && oldest !== undefined) this.#unknown.delete(oldest);
  }
}

/** Whoever hears nothing does not hear of changed permissions either. */
function isUpToDate(guild: Guild): boolean {
  return guild.available && guild.shard.status === Status.Ready;
}

/** Of a private thread, only its members know; of what has an age limit, only grown-ups may. */
function isOpenToOthers(channel: GuildBasedChannel): channel is NonThreadGuildBasedChannel {
  return !channel.isThread() && !("nsfw" in channel && channel.nsfw);
}

/** No role and no person is kept out, whoever has that role: they may all be among the readers. */
function everyoneMayRead(guild: Guild, channel: NonThreadGuildBasedChannel): boolean {
  const needed = requiredToRead(channel);
  const hasDenial = channel.permissionOverwrites.cache.some(
    ({ id, deny }) => id !== guild.id && deny.any(needed),
  );
  return !hasDenial && channel.permissionsFor(guild.roles.everyone).has(needed);
}

/** To read what was said earlier. Texts beside a voice channel are for those who may join it. */
function requiredToRead(channel: NonThreadGuildBasedChannel): bigint {
  const text = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory;
  return isVoice(channel) ? text | PermissionFlagsBits.Connect : text;
}

function isVoice({ type }: GuildBasedChannel): boolean {
  return type === ChannelType.GuildVoice || type === ChannelType.GuildStageVoice;
}
