import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Post } from "../../../domain/post.ts";
import { readPage, type HistoryAllowance } from "../api/history-pages.ts";
import { postIdOf } from "../wire/post-id.ts";
import { isFile, isOwn, type OwnPosts } from "./own-posts.ts";
import { markIn } from "../wire/post-metadata.ts";
import { markedPost, mergePosts, unmarkedPost, type OwnPost } from "./match-post.ts";
import { targetOf, type SlackTarget } from "../wire/reply-target.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { BotIdentity } from "../api/bot-identity.ts";
import type { PostId } from "../../../domain/message.ts";

interface PostLookupPorts {
  readonly api: SlackApi;
  readonly allowance: HistoryAllowance;
  readonly ownPosts: OwnPosts;
  readonly self: BotIdentity;
  readonly log: Log;
}

/** Tolerated difference between our clock and Slack's. */
const clockSkewMs = 5_000;
const eventTimeoutMs = 3_000;
const maxRefused = 1_000;
/** With the limited allowance the next page would be a minute away. */
const maxPages = { internal: 5, limited: 1 } as const;

/**
 * Finds a post whose creator died before it could store the `ts`. Slack has no idempotency key for posts, so the proof
 * that a post was made is the post itself: as an event from Slack, or read in its thread.
 */
export class PostLookup {
  readonly #ports: PostLookupPorts;
  /** Posts that Slack refused to create: there is nothing to find. */
  readonly #refused = new Set<string>();

  constructor(ports: PostLookupPorts) {
    this.#ports = ports;
  }

  /** Creates a post, and remembers a definite refusal. */
  async watch<T>(post: Post, create: () => Promise<T>): Promise<T> {
    const id = idOf(post);
    this.#refused.delete(id);
    try {
      return await create();
    } catch (error) {
      if (error instanceof PlatformError && error.kind !== "unreachable") {
        this.#refused.add(id);
        const [oldest] = this.#refused;
        if (this.#refused.size > maxRefused && oldest !== undefined) this.#refused.delete(oldest);
      }
      throw error;
    }
  }

  /** Undefined if there is no such post; finding that out takes 3 seconds. @throws {PlatformError} */
  readonly find = async (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<PostId | undefined> => {
    if (this.#refused.has(idOf(post))) return undefined;
    const { allowance, ownPosts, log } = this.#ports;
    const place = targetOf(to);
    let read: readonly OwnPost[] = [];
    const known = (): readonly OwnPost[] => mergePosts(ownPosts.of(place), read);
    const marked = (): string | undefined => markedPost(known(), post);
    const search = async (): Promise<string | undefined> => {
      read = await this.#readPlace(place, sinceMs, signal);
      return marked();
    };
    // With the limited allowance one read uses up the minute, so the event is awaited first.
    const found =
      marked() ??
      (allowance === "internal" ? await search() : undefined) ??
      (await ownPosts.waitFor(marked, eventTimeoutMs, signal)) ??
      (await search()) ??
      unmarkedPost(known(), post, sinceMs);
    if (found === undefined) {
      log.info({ part: post.part }, "an earlier post was not found; a placeholder may appear twice");
      return undefined;
    }
    return postIdOf(this.#ports.self.teamId, place.channel, found);
  };

  async #readPlace(
    { channel, threadTs }: Pick<SlackTarget, "channel" | "threadTs">,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<readonly OwnPost[]> {
    const { allowance, self } = this.#ports;
    const method = threadTs === undefined ? "conversations.history" : "conversations.replies";
    const thread = threadTs === undefined ? {} : { ts: threadTs };
    const query = { channel, ...thread, oldest: String((sinceMs - clockSkewMs) / 1_000) };
    const messages = [];
    let cursor: string | undefined;
    try {
      for (let page = 0; page < maxPages[allowance]; page += 1) {
        const paged = cursor === undefined ? query : { ...query, cursor };
        const { messages: some, next } = await readPage(this.#ports, method, paged, signal);
        messages.push(...some);
        cursor = next;
        if (cursor === undefined) break;
      }
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // Without access to the thread the post is not found; at worst a placeholder appears twice.
      if (error.isPassing) throw error;
    }
    return messages
      .filter((message) => isOwn(message, self) && !isFile(message))
      .map(({ ts, metadata }) => toOwnPost({ channel, threadTs: threadTs ?? ts, ts }, metadata));
  }
}

function toOwnPost(post: Omit<OwnPost, "mark">, metadata: unknown): OwnPost {
  const mark = markIn(metadata);
  return mark === undefined ? post : { ...post, mark };
}

function idOf({ turn, part }: Post): string {
  return `${turn}/${part}`;
}
