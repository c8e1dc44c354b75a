import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import { TtlCache } from "../api/ttl-cache.ts";
import type { SlackApi } from "../api/slack-api.ts";

const flag = z.boolean().nullish();

/** What Slack says of a channel, in a list or alone. */
export const channelShape = z.object({
  is_channel: flag,
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

/** Who may come to a place, as Slack says. */
export interface Openness {
  /** `public`: every full member of the workspace may read it. `private`: its members. `direct`: a DM or group DM. */
  readonly kind: "public" | "private" | "direct";
  /** Other workspaces take part or are invited, or Slack does not say. Of a DM with one person Slack never says. */
  readonly isShared: boolean;
}

const keptForMs = 60_000;
const mostKept = 2_000;
const mostMembers = 1_000;
const mostPages = 10;

/** What Slack says of channels, one by one, kept for a minute. */
export class Channels {
  readonly #api: SlackApi;
  readonly #openness: TtlCache<Openness>;
  readonly #members: TtlCache<readonly string[] | "too many">;

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api;
    this.#openness = new TtlCache({ clock, forMs: keptForMs, most: mostKept });
    this.#members = new TtlCache({ clock, forMs: keptForMs, most: mostKept / 20 });
  }

  /** What was said within the last minute, without asking. */
  knownOpenness(channel: string): Openness | undefined {
    return this.#openness.get(channel);
  }

  /** @throws {PlatformError} */
  async openness(channel: string, signal: AbortSignal): Promise<Openness> {
    const kept = this.#openness.get(channel);
    if (kept !== undefined) return kept;
    const answer = await this.#api.call(
      async (client) => infoAnswer.parse(await client.conversations.info({ channel })),
      signal,
    );
    const openness = opennessOf(answer.channel);
    this.#openness.set(channel, openness);
    return openness;
  }

  /** Undefined where there are more than 1,000. @throws {PlatformError} */
  async members(channel: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const kept = this.#members.get(channel) ?? (await this.#readMembers(channel, signal));
    this.#members.set(channel, kept);
    return kept === "too many" ? undefined : kept;
  }

  async #readMembers(channel: string, signal: AbortSignal): Promise<readonly string[] | "too many"> {
    const all: string[] = [];
    let cursor = "";
    for (let page = 0; page < mostPages; page += 1) {
      const query = { channel, limit: mostMembers, ...(cursor === "" ? {} : { cursor }) };
      const answer = await this.#api.call(
        async (client) => membersAnswer.parse(await client.conversations.members(query)),
        signal,
      );
      all.push(...answer.members);
      if (all.length > mostMembers) return "too many";
      cursor = answer.response_metadata?.next_cursor ?? "";
      if (cursor === "") return all;
    }
    return "too many";
  }
}

/** Whether Slack has said all that matters; lists may be shorter than answers about one channel. */
export function isClear(channel: z.output<typeof channelShape>): boolean {
  const { is_private: isPrivate, is_ext_shared: isExternal, is_org_shared: isOrganisation } = channel;
  const flags = [channel.is_channel, isPrivate, isExternal, channel.is_pending_ext_shared, isOrganisation];
  return flags.every((each) => typeof each === "boolean");
}

export function opennessOf(channel: z.output<typeof channelShape>): Openness {
  const isDirect = channel.is_im === true || channel.is_mpim === true;
  const isPublic = channel.is_channel === true && channel.is_private === false && !isDirect;
  const shared = [channel.is_ext_shared, channel.is_pending_ext_shared, channel.is_org_shared];
  return {
    kind: isPublic ? "public" : isDirect ? "direct" : "private",
    isShared: channel.is_im !== true && shared.some((each) => each !== false),
  };
}
