import type { LRUCache } from "lru-cache";
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

import { expiringCache } from "../../../runtime/expiring-cache.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Platform } from "../../../ports/platform.ts";
import type { Readable, Readers } from "../../../ports/platform-access.ts";
import type { DiscordApi } from "../api/discord-api.ts";

/** For all lookups together. A lookup that is late fails the whole call. */
const deadlineMs = 2_000;
/** Per call, for channels that the gateway has not announced. */
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
 * Computes from Discord's roles and overwrites who may read which channel. A category's overwrites are copied into
 * its channels. Threads and forum posts are listed under their channel and have its readers. Content of DMs, other
 * servers, private threads and age-restricted channels never shows elsewhere.
 * https://discord.com/developers/docs/topics/permissions
 */
export class ReadablePlaces {
  readonly #ports: ReadablePlacesPorts;
  /** Channels that Discord lately reported as unknown. */
  readonly #unknown: LRUCache<string, true>;

  constructor(ports: ReadablePlacesPorts) {
    this.#ports = ports;
    this.#unknown = expiringCache({
      clock: ports.clock,
      ttlMs: unknownChannelTtlMs,
      max: maxUnknownChannels,
    });
  }

  /** @throws {PlatformError} if Discord can't be asked about the person. */
  readonly readable: NonNullable<Platform["readable"]> = async (readers, places, signal) => {
    const [location = "", channel = ""] = readers.place.split(":", 2);
    const guild = this.#ports.client.guilds.cache.get(location);
    const candidates = places.filter((place) => place.startsWith(`${location}:`));
    if (guild === undefined || candidates.length === 0) return nothing;
    if (!isUpToDate(guild)) return { places: [], unknown: candidates };
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    try {
      const mayRead = await this.#readCheckFor(guild, channel, readers, deadline);
      return mayRead === undefined ? nothing : await this.#filter(guild, candidates, mayRead, deadline);
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.aborted) throw error;
      throw new PlatformError("unreachable", "Discord did not report permissions in time", {
        cause: error,
      });
    }
  };

  /** Undefined: the readers may read only the place they are in. */
  async #readCheckFor(
    guild: Guild,
    channel: string,
    { person }: Readers,
    signal: AbortSignal,
  ): Promise<MayRead | undefined> {
    if (person !== undefined) return this.#readCheckForMember(guild, person, signal);
    const here = await this.#channelIn(guild, channel, signal);
    // Guests may be present, who see no other channel of the server.
    if (here === undefined || isVoice(here)) return undefined;
    return (source) => everyoneMayRead(guild, source);
  }

  async #readCheckForMember(guild: Guild, person: string, signal: AbortSignal): Promise<MayRead | undefined> {
    try {
      const member = await this.#ports.api.member(guild, person, signal);
      const isLimited = member.pending || member.flags.has(GuildMemberFlags.IsGuest);
      return isLimited ? undefined : (source) => source.permissionsFor(member).has(requiredToRead(source));
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "gone") return undefined;
      throw error;
    }
  }

  /** Cached channels are free. At most `maxChannelLookups` others are fetched. */
  async #filter(
    guild: Guild,
    places: readonly string[],
    mayRead: MayRead,
    signal: AbortSignal,
  ): Promise<Readable> {
    let lookups = 0;
    const checks = places.map(async (place): Promise<Verdict> => {
      const id = place.slice(guild.id.length + 1);
      const known = this.#cachedChannel(guild, id);
      if (known === "not-cached" && (lookups += 1) > maxChannelLookups) return "unknown";
      const channel = known === "not-cached" ? await this.#fetchChannel(guild, id, signal) : known;
      if (typeof channel === "string") return channel;
      return isOpenToOthers(channel) && mayRead(channel) ? "yes" : "no";
    });
    const verdicts = await Promise.all(checks);
    const which = (one: Verdict): readonly string[] => places.filter((_, index) => verdicts[index] === one);
    return { places: which("yes"), unknown: which("unknown") };
  }

  /** Undefined if Discord doesn't return it in time, or at all. */
  async #channelIn(guild: Guild, id: string, signal: AbortSignal): Promise<GuildBasedChannel | undefined> {
    const known = this.#cachedChannel(guild, id);
    const channel = known === "not-cached" ? await this.#fetchChannel(guild, id, signal) : known;
    return typeof channel === "string" ? undefined : channel;
  }

  /** "not-cached": the gateway has not announced it, and it was not looked up lately. */
  #cachedChannel(guild: Guild, id: string): GuildBasedChannel | "not-cached" | "no" {
    const known = guild.channels.cache.get(id);
    if (known !== undefined) return known;
    return this.#unknown.has(id) ? "no" : "not-cached";
  }

  /** "no": no such channel is visible to the bot. */
  async #fetchChannel(
    guild: Guild,
    id: string,
    signal: AbortSignal,
  ): Promise<GuildBasedChannel | "no" | "unknown"> {
    try {
      return (await this.#ports.api.channelIn(guild, id, signal)) ?? "no";
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) return "unknown";
      this.#unknown.set(id, true);
      return "no";
    }
  }
}

/** Without the gateway, changed permissions go unnoticed. */
function isUpToDate(guild: Guild): boolean {
  return guild.available && guild.shard.status === Status.Ready;
}

/** Only its members know a private thread; age-restricted channels are for adults. */
function isOpenToOthers(channel: GuildBasedChannel): channel is NonThreadGuildBasedChannel {
  return !channel.isThread() && !("nsfw" in channel && channel.nsfw);
}

/** True only if no overwrite denies any role or person: they may all be among the readers. */
function everyoneMayRead(guild: Guild, channel: NonThreadGuildBasedChannel): boolean {
  const needed = requiredToRead(channel);
  const hasDenial = channel.permissionOverwrites.cache.some(
    ({ id, deny }) => id !== guild.id && deny.any(needed),
  );
  return !hasDenial && channel.permissionsFor(guild.roles.everyone).has(needed);
}

/** View Channel and Read Message History. The chat of a voice channel also needs Connect. */
function requiredToRead(channel: NonThreadGuildBasedChannel): bigint {
  const text = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory;
  return isVoice(channel) ? text | PermissionFlagsBits.Connect : text;
}

function isVoice({ type }: GuildBasedChannel): boolean {
  return type === ChannelType.GuildVoice || type === ChannelType.GuildStageVoice;
}
