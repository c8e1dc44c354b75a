import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { channelShape, isClear, opennessOf, type Openness } from "./channel-visibility.ts";
import { TtlCache } from "../api/ttl-cache.ts";
import { unlessAborted, type SlackApi } from "../api/slack-api.ts";
import type { Workspaces } from "../api/workspaces.ts";

const answer = z.object({
  channels: z.array(channelShape.extend({ id: z.string() })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

interface ChannelListPorts {
  readonly api: SlackApi;
  readonly workspaces: Workspaces;
  readonly channelIds: Pick<ChannelIds, "known">;
  readonly clock: Clock;
}

/** Some channels, as Slack lists them. */
export interface ChannelList {
  /** "unclear": it is one of them, and the list does not say who may come there. */
  readonly channels: ReadonlyMap<string, Openness | "unclear">;
  /** False: there may be more. */
  readonly isWhole: boolean;
}

const keptForMs = 60_000;
const mostKept = 200;
const pageSize = 999;
/** Of the whole workspace Slack answers 20 in a minute, of one account 50. */
const mostPages = 15;
const withinMs = 30_000;
const types = "public_channel,private_channel";

/**
 * Lists of channels, a call for each thousand, kept for a minute: who may read a thousand channels is known without a
 * question for each. A list that takes longer than its asker waits is there for the next one.
 */
export class ChannelLists {
  readonly #api: SlackApi;
  readonly #workspaces: Workspaces;
  /** By which id a channel is known to us. */
  readonly #known: (channel: string) => string;
  readonly #kept: TtlCache<ChannelList>;
  readonly #reading = new Map<string, Promise<ChannelList>>();

  constructor({ api, workspaces, channelIds, clock }: ChannelListPorts) {
    this.#api = api;
    this.#workspaces = workspaces;
    this.#known = channelIds.known;
    this.#kept = new TtlCache({ clock, forMs: keptForMs, most: mostKept });
  }

  /** Where the bot is in a workspace. @throws {PlatformError} */
  ofBot(team: string, signal: AbortSignal): Promise<ChannelList> {
    const page: Page = (query) => (client) =>
      client.users.conversations({ ...query, ...this.#workspaces.argument(team) });
    return this.#list(`${team} of the bot`, page, signal);
  }

  /** All public ones of a workspace, and private ones where the bot is. @throws {PlatformError} */
  ofWorkspace(team: string, signal: AbortSignal): Promise<ChannelList> {
    const page: Page = (query) => (client) =>
      client.conversations.list({ ...query, ...this.#workspaces.argument(team) });
    return this.#list(`${team} of all`, page, signal);
  }

  /** Where a person is in a workspace, as far as the bot may know it: private ones only where it is too. @throws {PlatformError} */
  ofPerson(team: string, user: string, signal: AbortSignal): Promise<ChannelList> {
    const page: Page = (query) => (client) =>
      client.users.conversations({ ...query, user, ...this.#workspaces.argument(team) });
    return this.#list(`${team} ${user}`, page, signal);
  }

  async #list(key: string, page: Page, signal: AbortSignal): Promise<ChannelList> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const reading = this.#reading.get(key) ?? this.#read(key, page);
    this.#reading.set(key, reading);
    return unlessAborted(reading, signal);
  }

  async #read(key: string, page: Page): Promise<ChannelList> {
    const channels = new Map<string, Openness | "unclear">();
    const signal = AbortSignal.timeout(withinMs);
    let cursor = "";
    try {
      for (let count = 0; count < mostPages; count += 1) {
        const query = { types, limit: pageSize, ...(cursor === "" ? {} : { cursor }) };
        const { channels: found, response_metadata: next } = await this.#api.call(
          async (client) => answer.parse(await page(query)(client)),
          signal,
        );
        for (const each of found)
          channels.set(this.#known(each.id), isClear(each) ? opennessOf(each) : "unclear");
        cursor = next?.next_cursor ?? "";
        if (cursor === "") break;
      }
      return this.#keep(key, { channels, isWhole: cursor === "" });
    } catch (error) {
      // What a page told is worth something; what Slack will not tell is not asked again at once.
      const isFinal = error instanceof PlatformError && !error.isPassing;
      if (channels.size > 0 || isFinal) return this.#keep(key, { channels, isWhole: false });
      throw error;
    } finally {
      this.#reading.delete(key);
    }
  }

  #keep(key: string, list: ChannelList): ChannelList {
    this.#kept.set(key, list);
    return list;
  }
}

interface Query {
  readonly types: string;
  readonly limit: number;
  readonly cursor?: string;
}

type Page = (query: Query) => Parameters<SlackApi["call"]>[0];
