import type { LRUCache } from "lru-cache";
import { z } from "zod";

import { expiringCache } from "../../../runtime/expiring-cache.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { channelShape, isClear, visibilityOf, type Visibility } from "./channel-visibility.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { FreshReads } from "../api/fresh-reads.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { Workspaces } from "../api/workspaces.ts";

const answer = z.object({
  channels: z.array(channelShape.extend({ id: z.string() })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

interface ChannelListPorts {
  readonly api: SlackApi;
  readonly workspaces: Workspaces;
  readonly channelIds: Pick<ChannelIds, "firstId">;
  readonly clock: Clock;
}

/** A list of channels from Slack. */
export interface ChannelList {
  /** "unclear": the channel is listed, but without the flags that say who may read it, or they may have changed. */
  readonly channels: ReadonlyMap<string, Visibility | "unclear">;
  /** False: there may be more. */
  readonly isWhole: boolean;
}

interface CachedList extends ChannelList {
  readonly channels: Map<string, Visibility | "unclear">;
}

const ttlMs = 60_000;
const maxCached = 200;
const pageSize = 999;
/** Slack allows 20 pages a minute for conversations.list and 50 for users.conversations. */
const maxPages = 15;
const readTimeoutMs = 30_000;
const types = "public_channel,private_channel";

/**
 * Lists of channels, cached for a minute or until they change. They cost one call per thousand channels, instead of one per channel. Reading
 * goes on when the caller stops waiting, so that the next caller finds the list.
 */
export class ChannelLists {
  readonly #api: SlackApi;
  readonly #workspaces: Workspaces;
  readonly #firstId: (channel: string) => string;
  readonly #cached: LRUCache<string, CachedList>;
  readonly #reading = new Map<string, Promise<ChannelList>>();
  readonly #reads = new FreshReads();
  /** Channels that changed while a list was read. */
  readonly #overtaken = new Set<string>();

  constructor({ api, workspaces, channelIds, clock }: ChannelListPorts) {
    this.#api = api;
    this.#workspaces = workspaces;
    this.#firstId = channelIds.firstId;
    this.#cached = expiringCache({ clock, ttlMs, max: maxCached });
  }

  /** The channels of a workspace that the bot is in. @throws {PlatformError} */
  ofBot(team: string, signal: AbortSignal): Promise<ChannelList> {
    const page: Page = (query) => (client) =>
      client.users.conversations({ ...query, ...this.#workspaces.argument(team) });
    return this.#list(`${team} of the bot`, page, signal);
  }

  /** All public channels of a workspace, and the private ones that the bot is in. @throws {PlatformError} */
  ofWorkspace(team: string, signal: AbortSignal): Promise<ChannelList> {
    const page: Page = (query) => (client) =>
      client.conversations.list({ ...query, ...this.#workspaces.argument(team) });
    return this.#list(`${team} of all`, page, signal);
  }

  /** The channels that a person is in: public ones, and private ones that the bot is in too. @throws {PlatformError} */
  ofPerson(team: string, user: string, signal: AbortSignal): Promise<ChannelList> {
    const page: Page = (query) => (client) =>
      client.users.conversations({ ...query, user, ...this.#workspaces.argument(team) });
    return this.#list(`${team} ${user}`, page, signal);
  }

  /**
   * Anything of the channel may have changed: it is looked up by itself. It stays listed, so that the lists need not be
   * read again.
   */
  forget(channel: string): void {
    for (const { channels } of this.#cached.values())
      if (channels.has(channel)) channels.set(channel, "unclear");
    if (this.#reading.size > 0) this.#overtaken.add(channel);
  }

  /** The person may be in other channels now. */
  forgetPerson(user: string): void {
    for (const key of this.#cached.keys()) if (isOfPerson(user, key)) this.#cached.delete(key);
    for (const key of this.#reading.keys()) if (isOfPerson(user, key)) this.#reads.overtake(key);
  }

  async #list(key: string, page: Page, signal: AbortSignal): Promise<ChannelList> {
    const cached = this.#cached.get(key);
    if (cached !== undefined) return cached;
    const reading = this.#reading.get(key) ?? this.#begin(key, page);
    this.#reading.set(key, reading);
    return raceAbort(reading, signal);
  }

  async #begin(key: string, page: Page): Promise<ChannelList> {
    const cache = (list: CachedList): void => {
      for (const channel of this.#overtaken)
        if (list.channels.has(channel)) list.channels.set(channel, "unclear");
      this.#cached.set(key, list);
    };
    try {
      return await this.#reads.read(key, () => this.#read(page), cache);
    } finally {
      this.#reading.delete(key);
      if (this.#reading.size === 0) this.#overtaken.clear();
    }
  }

  async #read(page: Page): Promise<CachedList> {
    const channels: CachedList["channels"] = new Map();
    const signal = AbortSignal.timeout(readTimeoutMs);
    let cursor = "";
    try {
      for (let count = 0; count < maxPages; count += 1) {
        const query = { types, limit: pageSize, ...(cursor === "" ? {} : { cursor }) };
        const { channels: found, response_metadata: next } = await this.#api.call(
          async (client) => answer.parse(await page(query)(client)),
          signal,
        );
        for (const each of found)
          channels.set(this.#firstId(each.id), isClear(each) ? visibilityOf(each) : "unclear");
        cursor = next?.next_cursor ?? "";
        if (cursor === "") break;
      }
      return { channels, isWhole: cursor === "" };
    } catch (error) {
      // The pages read so far are useful. A permanent refusal is cached too, so that it is not repeated at once.
      const isPermanent = error instanceof PlatformError && !error.isPassing;
      if (channels.size > 0 || isPermanent) return { channels, isWhole: false };
      throw error;
    }
  }
}

function isOfPerson(user: string, key: string): boolean {
  return key.endsWith(` ${user}`);
}

interface Query {
  readonly types: string;
  readonly limit: number;
  readonly cursor?: string;
}

type Page = (query: Query) => Parameters<SlackApi["call"]>[0];
