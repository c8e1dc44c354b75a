import type { LRUCache } from "lru-cache";
import { z } from "zod";

import { expiringCache } from "../../../runtime/expiring-cache.ts";
import type { Clock } from "../../../ports/clock.ts";
import { FreshReads } from "../api/fresh-reads.ts";
import type { SlackApi } from "../api/slack-api.ts";

const flag = z.boolean().nullish();

/**
 * The flags of a channel, from a list or from conversations.info.
 * https://docs.slack.dev/reference/objects/conversation-object
 */
export const channelShape = z.object({
  is_channel: flag,
  is_member: flag,
  is_private: flag,
  is_im: flag,
  is_mpim: flag,
  is_ext_shared: flag,
  is_pending_ext_shared: flag,
  is_org_shared: flag,
});

const infoAnswer = z.object({ channel: channelShape });

const membersAnswer = z.object({
  members: z.array(z.string()),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** Who may read a channel. */
export interface Visibility {
  /** `public`: every full member of the workspace. `private`: its members. `direct`: a DM or group DM. */
  readonly kind: "public" | "private" | "direct";
  /**
   * Other workspaces take part or are invited, or Slack omits the flags. Never true for a DM, for which Slack has no
   * flags.
   */
  readonly isShared: boolean;
  /** The bot was added to it. True where Slack omits the flag, as for a DM. */
  readonly hasBot: boolean;
}

const ttlMs = 60_000;
const maxCached = 2_000;
const maxMembers = 1_000;
const maxPages = 10;

/** Visibility and members of single channels, cached for a minute or until they change. */
export class Channels {
  readonly #api: SlackApi;
  readonly #visibility: LRUCache<string, Visibility>;
  readonly #members: LRUCache<string, readonly string[] | "too many">;
  readonly #visibilityReads = new FreshReads();
  readonly #memberReads = new FreshReads();

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api;
    this.#visibility = expiringCache({ clock, ttlMs, max: maxCached });
    this.#members = expiringCache({ clock, ttlMs, max: maxCached / 20 });
  }

  /** The cached answer of the last minute; makes no call. */
  cachedVisibility(channel: string): Visibility | undefined {
    return this.#visibility.get(channel);
  }

  /** @throws {PlatformError} */
  async visibility(channel: string, signal: AbortSignal): Promise<Visibility> {
    const cached = this.#visibility.get(channel);
    if (cached !== undefined) return cached;
    return this.#visibilityReads.read(
      channel,
      () => this.#readVisibility(channel, signal),
      (visibility) => this.#visibility.set(channel, visibility),
    );
  }

  /** Undefined for more than 1,000 members. @throws {PlatformError} */
  async members(channel: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const cached =
      this.#members.get(channel) ??
      (await this.#memberReads.read(
        channel,
        () => this.#readMembers(channel, signal),
        (members) => this.#members.set(channel, members),
      ));
    return cached === "too many" ? undefined : cached;
  }

  /** Anything of the channel may have changed. */
  forget(channel: string): void {
    this.#visibilityReads.overtake(channel);
    this.#visibility.delete(channel);
    this.forgetMembers(channel);
  }

  forgetMembers(channel: string): void {
    this.#memberReads.overtake(channel);
    this.#members.delete(channel);
  }

  /** The person is no longer a member anywhere. */
  forgetMember(user: string): void {
    for (const [channel, members] of this.#members) if (members.includes(user)) this.forgetMembers(channel);
  }

  async #readVisibility(channel: string, signal: AbortSignal): Promise<Visibility> {
    const answer = await this.#api.call(
      async (client) => infoAnswer.parse(await client.conversations.info({ channel })),
      signal,
    );
    return visibilityOf(answer.channel);
  }

  async #readMembers(channel: string, signal: AbortSignal): Promise<readonly string[] | "too many"> {
    const all: string[] = [];
    let cursor = "";
    for (let page = 0; page < maxPages; page += 1) {
      const query = { channel, limit: maxMembers, ...(cursor === "" ? {} : { cursor }) };
      const answer = await this.#api.call(
        async (client) => membersAnswer.parse(await client.conversations.members(query)),
        signal,
      );
      all.push(...answer.members);
      if (all.length > maxMembers) return "too many";
      cursor = answer.response_metadata?.next_cursor ?? "";
      if (cursor === "") return all;
    }
    return "too many";
  }
}

/** Whether all flags are present. Lists may omit some that conversations.info has. */
export function isClear(channel: z.output<typeof channelShape>): boolean {
  const { is_private: isPrivate, is_ext_shared: isExternal, is_org_shared: isOrganisation } = channel;
  const flags = [channel.is_channel, isPrivate, isExternal, channel.is_pending_ext_shared, isOrganisation];
  return flags.every((each) => typeof each === "boolean");
}

export function visibilityOf(channel: z.output<typeof channelShape>): Visibility {
  const isDirect = channel.is_im === true || channel.is_mpim === true;
  const isPublic = channel.is_channel === true && channel.is_private === false && !isDirect;
  const shared = [channel.is_ext_shared, channel.is_pending_ext_shared, channel.is_org_shared];
  return {
    kind: isPublic ? "public" : isDirect ? "direct" : "private",
    isShared: channel.is_im !== true && shared.some((each) => each !== false),
    hasBot: channel.is_member !== false,
  };
}
