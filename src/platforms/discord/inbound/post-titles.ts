import {
  GatewayDispatchEvents,
  type APIGuildForumTag,
  type Client,
  type GatewayChannelUpdateDispatchData,
  type GatewayThreadUpdateDispatchData,
  type GuildForumTag,
} from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import { isRefusal } from "../api/api-errors.ts";
import type { RetryQueue } from "../api/retry-queue.ts";
import { nonceOf } from "../wire/message-body.ts";
import { acceptCompletion, type CompletionPorts } from "./completions.ts";

export interface PostTitlesPorts extends CompletionPorts {
  readonly retryQueue: RetryQueue;
  readonly directory: Directory;
  readonly clock: Clock;
}

interface RetitledPost {
  readonly id: string;
  readonly guild: string;
  readonly version: string;
}

/**
 * Follows new titles and tags of posts in forums and media channels, which stand above the post's first message, and new names
 * of the tags that the channel has. Of posts that are asleep, it learns when they wake.
 */
export class PostTitles {
  readonly #ports: PostTitlesPorts;

  constructor(ports: PostTitlesPorts) {
    this.#ports = ports;
  }

  listen(): void {
    const { client, clock } = this.#ports;
    client.ws.on(GatewayDispatchEvents.ThreadUpdate, (thread: GatewayThreadUpdateDispatchData) => {
      const { id, guild_id: guild } = thread;
      // Compared now: discord.js is about to take the new title into its cache.
      const version = retitlingOf(client, thread);
      if (guild === undefined || version === undefined) return;
      this.#queue({ id, guild, version });
    });
    client.ws.on(GatewayDispatchEvents.ChannelUpdate, (channel: GatewayChannelUpdateDispatchData) => {
      void this.#followAll(relabelledPosts(client, channel, clock.nowMs()));
    });
  }

  /** One after the other: a forum may have a thousand. Never rejects. */
  async #followAll(posts: readonly RetitledPost[]): Promise<void> {
    for (const post of posts) {
      this.#queue(post);
      await this.#ports.retryQueue.idle(post.id);
    }
  }

  #queue(post: RetitledPost): void {
    this.#ports.retryQueue.run(post.id, (signal) => this.#follow(post, signal), "change");
  }

  async #follow({ id, guild, version }: RetitledPost, signal: AbortSignal): Promise<void> {
    if (!(await this.#isKnown(`discord:${guild}:${id}`, signal))) return;
    try {
      // The first message has the post's own id.
      const first = await this.#ports.api.message(id, id, signal);
      await acceptCompletion(this.#ports, Object.assign(first, { guild_id: guild }), signal, version);
    } catch (error) {
      // It was deleted, and its title with it.
      if (!isRefusal(error)) throw error;
    }
  }

  /** True also while the archive is unreachable: `accept` then decides. */
  async #isKnown(conversation: ConversationKey, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#ports.directory.entry(conversation, signal)) !== undefined;
    } catch (error) {
      if (error instanceof ArchiveError) return true;
      throw error;
    }
  }
}

/**
 * The change of a title or of tags, the same for each replica. Undefined: it is another one, for threads are updated for many
 * reasons: they are opened and closed again, slowed down, locked.
 */
function retitlingOf(client: Client, thread: GatewayThreadUpdateDispatchData): string | undefined {
  const { id, name, applied_tags: tags = [], total_message_sent: messages = 0 } = thread;
  const known = client.channels.cache.get(id);
  if (known === undefined || !known.isThread() || known.parent?.isThreadOnly() !== true) return undefined;
  const before = [known.name, ...known.appliedTags.toSorted()];
  const after = [name, ...tags.toSorted()];
  // A title may change back and forth.
  return before.join() === after.join() ? undefined : nonceOf(...before, "", ...after, messages);
}

/**
 * The posts of a forum with a tag that is renamed or removed. A name may change back and forth, so the minute tells the changes
 * apart: replicas that see it in two minutes follow it twice, to the same text.
 */
function relabelledPosts(
  client: Client,
  channel: GatewayChannelUpdateDispatchData,
  nowMs: number,
): readonly RetitledPost[] {
  const known = client.channels.cache.get(channel.id);
  if (known?.isThreadOnly() !== true || !("available_tags" in channel)) return [];
  const renamed = renamedTags(known.availableTags, channel.available_tags);
  const names = [...renamed].map(([id, name]) => `${id} ${name}`).toSorted();
  const version = nonceOf(channel.id, ...names, Math.floor(nowMs / 60_000));
  return [...known.threads.cache.values()]
    .filter(({ appliedTags }) => appliedTags.some((tag) => renamed.has(tag)))
    .map(({ id }) => ({ id, guild: known.guildId, version }));
}

/** The new names by the tags' ids; empty for a removed tag. A new tag is on no post yet. */
function renamedTags(
  before: readonly GuildForumTag[],
  after: readonly APIGuildForumTag[],
): ReadonlyMap<string, string> {
  const names = new Map(after.map(({ id, name }) => [id, name]));
  return new Map(
    before.filter(({ id, name }) => names.get(id) !== name).map(({ id }) => [id, names.get(id) ?? ""]),
  );
}
