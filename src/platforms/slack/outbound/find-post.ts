import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError, type Post } from "../../../ports/platform.ts";
import { readPage, type HistoryAllowance } from "../api/history-pages.ts";
import { postIdOf } from "../wire/post-id.ts";
import { isFile, isOwn, type OwnPosts } from "./own-posts.ts";
import { markIn } from "../wire/post-metadata.ts";
import { markedPost, together, unmarkedPost, type OwnPost } from "./match-post.ts";
import { targetOf, type SlackTarget } from "../wire/reply-target.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { Self } from "../api/bot-identity.ts";
import type { PostId } from "../../../domain/message.ts";

interface PostFinderPorts {
  readonly api: SlackApi;
  readonly allowance: HistoryAllowance;
  readonly own: OwnPosts;
  readonly self: Self;
  readonly log: Log;
}

/** Our clock and Slack's may differ. */
const clockSkewMs = 5_000;
const echoWithinMs = 3_000;
const mostRefused = 1_000;
/** With the limited allowance the next page would be a minute away. */
const mostPages = { internal: 5, limited: 1 } as const;

/**
 * Finds the post of a process that died before it could write down the `ts`. Slack has no key that makes a create
 * happen once; what proves that it happened is our own post, told by Slack as an event or read in the thread.
 */
export class PostLookup {
  readonly #ports: PostFinderPorts;
  /** Slack answered, and said no: there is nothing to look for. */
  readonly #refused = new Set<string>();

  constructor(ports: PostFinderPorts) {
    this.#ports = ports;
  }

  /** Creates a post, and remembers when it surely was not made. */
  async watch<T>(post: Post, create: () => Promise<T>): Promise<T> {
    const id = idOf(post);
    this.#refused.delete(id);
    try {
      return await create();
    } catch (error) {
      if (error instanceof PlatformError && error.kind !== "unreachable") {
        this.#refused.add(id);
        const [oldest] = this.#refused;
        if (this.#refused.size > mostRefused && oldest !== undefined) this.#refused.delete(oldest);
      }
      throw error;
    }
  }

  /** Takes 3 seconds when there is none. @throws {PlatformError} */
  readonly find = async (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<PostId | undefined> => {
    if (this.#refused.has(idOf(post))) return undefined;
    const { allowance, own, log } = this.#ports;
    const place = targetOf(to);
    let read: readonly OwnPost[] = [];
    const known = (): readonly OwnPost[] => together(own.of(place), read);
    const marked = (): string | undefined => markedPost(known(), post);
    const search = async (): Promise<string | undefined> => {
      read = await this.#readPlace(place, sinceMs, signal);
      return marked();
    };
    // Reading costs a minute's allowance where that is limited: there the event comes first.
    const found =
      marked() ??
      (allowance === "internal" ? await search() : undefined) ??
      (await own.waitFor(marked, echoWithinMs, signal)) ??
      (await search()) ??
      unmarkedPost(known(), post, sinceMs);
    if (found === undefined) {
      log.info({ part: post.part }, "no trace of an earlier post: a placeholder may stand twice");
      return undefined;
    }
    return postIdOf(place.channel, found);
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
      for (let page = 0; page < mostPages[allowance]; page += 1) {
        const paged = cursor === undefined ? query : { ...query, cursor };
        const { messages: some, next } = await readPage(this.#ports, method, paged, signal);
        messages.push(...some);
        cursor = next;
        if (cursor === undefined) break;
      }
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // Who may not read the thread can't look there: at worst a placeholder doubles.
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
