import { LRUCache } from "lru-cache";
import { PermissionFlagsBits, type Client } from "discord.js";

import { PlatformError } from "../../../ports/platform-error.ts";
import type { Target } from "../wire/address.ts";
import { codeOf, codes, isRefusal } from "../api/api-errors.ts";
import type { DiscordApi } from "../api/discord-api.ts";

/** The channel or thread that posts go to. */
export interface Destination {
  readonly channel: string;
  /** Each post visibly replies to this message. Missing if it is in another channel. */
  readonly replyTo?: string;
}

const maxRememberedThreads = 1_000;

function inChannel({ channel, message }: Extract<Target, { readonly how: "thread" }>): Destination {
  return { channel, replyTo: message };
}

/** Finds the destination of a reply, and opens its thread if it needs one. */
export class Destinations {
  readonly #api: DiscordApi;
  readonly #client: Client;
  /** Only saves calls: opening the thread again gives the same destination. */
  readonly #known = new LRUCache<string, Destination>({ max: maxRememberedThreads });

  constructor(api: DiscordApi, client: Client) {
    this.#api = api;
    this.#client = client;
  }

  /** @throws {PlatformError} */
  async open(target: Target, signal: AbortSignal): Promise<Destination> {
    if (target.how === "interaction") return { channel: target.channel };
    if (target.how !== "thread") return { channel: target.channel, replyTo: target.message };
    const known = this.#known.get(target.message);
    if (known !== undefined) return known;
    const opened = this.#mayWriteInThreads(target.channel)
      ? await this.#openThread(target, signal)
      : inChannel(target);
    this.#known.set(target.message, opened);
    return opened;
  }

  /**
   * The fallback when the thread refuses the first post: the channel. A thread that the bot opened for it is deleted
   * if empty. Undefined: there is no fallback. @throws {PlatformError}
   */
  async fallback(
    target: Target,
    refused: Destination,
    signal: AbortSignal,
  ): Promise<Destination | undefined> {
    if (target.how !== "thread" || refused.channel !== target.message) return undefined;
    await this.#removeIfEmpty(target.message, signal);
    this.#known.set(target.message, inChannel(target));
    return inChannel(target);
  }

  /** Where posts of this target may be, likeliest first. Opens no thread. */
  candidates(target: Target): readonly Destination[] {
    if (target.how === "interaction") return [{ channel: target.channel }];
    const channel = { channel: target.channel, replyTo: target.message };
    return target.how === "thread" ? [{ channel: target.message }, channel] : [channel];
  }

  /** Where to show the typing indicator. Undefined for a slash command: Discord shows its own. */
  typingChannel(target: Target): string | undefined {
    if (target.how === "interaction") return undefined;
    return this.#known.get(target.how === "thread" ? target.message : "")?.channel ?? target.channel;
  }

  async #openThread(
    target: Extract<Target, { readonly how: "thread" }>,
    signal: AbortSignal,
  ): Promise<Destination> {
    // A thread has the id of the message that starts it:
    // https://discord.com/developers/docs/resources/channel#start-thread-from-message
    const thread = { channel: target.message };
    try {
      await this.#api.openThread(target.channel, target.message, target.threadName, signal);
      return thread;
    } catch (error) {
      if (codeOf(error) === codes.threadExists) return thread;
      if (!isRefusal(error)) throw error;
      // No permission, too many threads, or a channel without threads.
      return inChannel(target);
    }
  }

  /** From the gateway's cache; true if unknown. */
  #mayWriteInThreads(channel: string): boolean {
    const known = this.#client.channels.cache.get(channel);
    if (known === undefined || known.isDMBased()) return true;
    const self = known.guild.members.me;
    if (self === null) return true;
    return known.permissionsFor(self).has(PermissionFlagsBits.SendMessagesInThreads);
  }

  /** Tidies up: without the permission to delete, the thread is closed; without that too, it stays. */
  async #removeIfEmpty(thread: string, signal: AbortSignal): Promise<void> {
    try {
      const found = await this.#api.channel(thread, signal);
      const isOurs = "owner_id" in found && found.owner_id === this.#client.user?.id;
      const isPlaceholder = "message_count" in found && found.message_count === 0;
      if (!isOurs || !isPlaceholder) return;
      await this.#api.deleteThread(thread, signal).catch(async (error: unknown) => {
        if (!isRefusal(error)) throw error;
        await this.#api.archiveThread(thread, true, signal);
      });
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
    }
  }
}
