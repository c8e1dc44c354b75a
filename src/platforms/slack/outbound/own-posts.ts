import { z } from "zod";

import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { asObject } from "../wire/json-object.ts";
import { messageBody } from "../wire/payload-schemas.ts";
import { markIn } from "../wire/post-metadata.ts";
import { mergePost, type OwnPost } from "./match-post.ts";
import type { BotIdentity } from "../api/bot-identity.ts";

/** A busy bot makes a few hundred posts a second, and a dead replica is replaced within 15 seconds. */
const maxPosts = 10_000;
const broadcastChannel = "slack-own-posts";

/** Posts that are made within this time are announced together. */
const announceAfterMs = 50;

const announcement = z.object({
  posts: z.array(
    z.object({
      channel: z.string(),
      threadTs: z.string(),
      ts: z.string(),
      mark: z.object({ turn: z.string(), part: z.number().exactOptional() }).exactOptional(),
      isDeleted: z.boolean().exactOptional(),
    }),
  ),
});

/** Deleted posts are kept too: the event of a post's creation may arrive after that of its deletion. */
type KnownPost = OwnPost & { readonly isDeleted?: boolean };

interface OwnPostsPorts {
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly self: Pick<BotIdentity, "botUserId" | "botId" | "teamId">;
}

/**
 * The newest 10,000 posts of the bot, shared by all replicas. A replica knows of a post from Slack's answer when it made
 * the post, or from the event that Slack sends to one of the replicas.
 */
export class OwnPosts implements Disposable {
  readonly #ports: OwnPostsPorts;
  readonly #known = growingCache<KnownPost>(maxPosts);
  readonly #listeners = new Set<() => void>();
  readonly #listening: Disposable;
  /** Not announced yet. */
  #made: KnownPost[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: OwnPostsPorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(broadcastChannel, (received) => {
      if (asObject(received)["installation"] !== ports.self.teamId) return;
      const parsed = announcement.safeParse(received);
      for (const post of parsed.data?.posts ?? []) this.#add(post);
    });
  }

  /** The posts in a thread; without `threadTs`, at the top level of a channel. */
  of({ channel, threadTs }: { readonly channel: string; readonly threadTs?: string }): readonly OwnPost[] {
    return [...this.#known.values()]
      .toReversed()
      .filter(
        (post) =>
          post.channel === channel && post.threadTs === (threadTs ?? post.ts) && post.isDeleted !== true,
      );
  }

  /** The thread of one of our posts. Undefined: it is not among the newest ones. */
  threadOf({ channel, ts }: { readonly channel: string; readonly ts: string }): string | undefined {
    return this.#known.peek(idOf({ channel, ts }))?.threadTs;
  }

  /** Learns from an event about one of our posts; ignores all other bodies. */
  learnFrom(body: unknown): void {
    const post = ownPostIn(body, this.#ports.self);
    if (post !== undefined) this.publish(post);
  }

  /** Stores a post here and in all other replicas. */
  publish(post: KnownPost): void {
    if (this.#add(post)) this.#announce([post]);
  }

  /** The same a moment later. A replica that does not learn of a post looks for it in its thread. */
  publishSoon(post: KnownPost): void {
    if (!this.#add(post)) return;
    this.#made.push(post);
    this.#timer ??= setTimeout(() => this.#announceMade(), announceAfterMs).unref();
  }

  /** Calls `look` now and after each new post until it finds something. Undefined after `ms`. */
  async waitFor<T>(look: () => T | undefined, ms: number, signal: AbortSignal): Promise<T | undefined> {
    const found = new AbortController();
    const listener = (): void => {
      if (look() !== undefined) found.abort();
    };
    this.#listeners.add(listener);
    try {
      listener();
      await this.#ports.clock.sleep(ms, AbortSignal.any([signal, found.signal]));
    } catch {
      signal.throwIfAborted();
    } finally {
      this.#listeners.delete(listener);
    }
    return look();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#announceMade();
  }

  #announceMade(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#made.length > 0) this.#announce(this.#made);
    this.#made = [];
  }

  #announce(posts: readonly KnownPost[]): void {
    const { broadcast, self } = this.#ports;
    broadcast.send(broadcastChannel, { installation: self.teamId, posts });
  }

  /** False when it adds nothing new. */
  #add(post: KnownPost): boolean {
    const id = idOf(post);
    const known = this.#known.peek(id);
    if (known !== undefined && isOld(known, post)) return false;
    this.#known.set(id, mergePost(known, post));
    for (const listener of this.#listeners) listener();
    return true;
  }
}

function idOf({ channel, ts }: { readonly channel: string; readonly ts: string }): string {
  return `${channel}/${ts}`;
}

function isOld(known: KnownPost, received: KnownPost): boolean {
  if (known.isDeleted === true) return true;
  return received.isDeleted !== true && (received.mark === undefined || known.mark !== undefined);
}

function ownPostIn(body: unknown, self: OwnPostsPorts["self"]): KnownPost | undefined {
  const parsed = messageBody.safeParse(body);
  if (!parsed.success || parsed.data.event.type !== "message") return undefined;
  const { event } = parsed.data;
  const { channel, subtype, deleted_ts: deletedTs } = event;
  if (subtype === "message_deleted") {
    const { previous_message: previous } = event;
    if (previous == null || deletedTs == null || !isOwn(previous, self)) return undefined;
    return { channel, threadTs: previous.thread_ts ?? deletedTs, ts: deletedTs, isDeleted: true };
  }
  const message = subtype === "message_changed" ? event.message : event;
  if (message == null || !isOwn(message, self) || isFile(message)) return undefined;
  const { ts, thread_ts: threadTs, metadata } = message;
  const mark = markIn(metadata);
  return { channel, threadTs: threadTs ?? ts, ts, ...(mark === undefined ? {} : { mark }) };
}

/** Whether it is an upload; a file that we sent is not a post of a reply. */
export function isFile({ files }: { readonly files?: readonly unknown[] | null | undefined }): boolean {
  return (files ?? []).length > 0;
}

/** Whether our bot account wrote a message. */
export function isOwn(
  {
    user,
    bot_id: botId,
  }: { readonly user?: string | null | undefined; readonly bot_id?: string | null | undefined },
  self: Pick<BotIdentity, "botUserId" | "botId">,
): boolean {
  return user === self.botUserId || (botId != null && botId !== "" && botId === self.botId);
}
