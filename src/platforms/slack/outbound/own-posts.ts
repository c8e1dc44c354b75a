import { z } from "zod";

import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import { messageBody } from "../wire/payload-schemas.ts";
import { markIn } from "../wire/post-metadata.ts";
import { merged, type OwnPost } from "./match-post.ts";
import type { Self } from "../api/bot-identity.ts";

/** A busy bot makes some hundred posts a second, and a dead replica is replaced within 15 seconds. */
const mostPosts = 10_000;
const newsChannel = "slack-own-posts";

const news = z.object({
  channel: z.string(),
  threadTs: z.string(),
  ts: z.string(),
  mark: z.object({ turn: z.string(), part: z.number().exactOptional() }).exactOptional(),
  isDeleted: z.boolean().exactOptional(),
});

/** `isDeleted` is kept too: the news of a post's beginning may come after that of its end. */
type Heard = OwnPost & { readonly isDeleted?: boolean };

interface OwnPostsPorts {
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly self: Pick<Self, "botUserId" | "botId">;
}

/**
 * The newest posts of our own, as far as any replica heard of them: from Slack's answer when it was made, or from the
 * event that Slack sends to any one replica.
 */
export class OwnPosts implements Disposable {
  readonly #ports: OwnPostsPorts;
  readonly #known = new Map<string, Heard>();
  readonly #listeners = new Set<() => void>();
  readonly #listening: Disposable;

  constructor(ports: OwnPostsPorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(newsChannel, (heard) => {
      const parsed = news.safeParse(heard);
      if (parsed.success) this.#keep(parsed.data);
    });
  }

  /** Of one thread, or of the top level of a channel. */
  of({ channel, threadTs }: { readonly channel: string; readonly threadTs?: string }): readonly OwnPost[] {
    return [...this.#known.values()].filter(
      (post) =>
        post.channel === channel && post.threadTs === (threadTs ?? post.ts) && post.isDeleted !== true,
    );
  }

  /** What Slack says about a message of ours; everything else is passed over. */
  hear(body: unknown): void {
    const heard = ownPostIn(body, this.#ports.self);
    if (heard !== undefined) this.tell(heard);
  }

  /** Lets every replica know. */
  tell(post: Heard): void {
    if (this.#keep(post)) this.#ports.broadcast.send(newsChannel, post);
  }

  /** What `look` finds, as soon as it finds something; it is asked at once and when something was heard. */
  async waitFor<T>(look: () => T | undefined, ms: number, signal: AbortSignal): Promise<T | undefined> {
    const heard = new AbortController();
    const listener = (): void => {
      if (look() !== undefined) heard.abort();
    };
    this.#listeners.add(listener);
    try {
      listener();
      await this.#ports.clock.sleep(ms, AbortSignal.any([signal, heard.signal]));
    } catch {
      signal.throwIfAborted();
    } finally {
      this.#listeners.delete(listener);
    }
    return look();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  /** False when it was no news. */
  #keep(heard: Heard): boolean {
    const id = `${heard.channel}/${heard.ts}`;
    const known = this.#known.get(id);
    if (known !== undefined && isOld(known, heard)) return false;
    this.#known.delete(id);
    this.#known.set(id, merged(known, heard));
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostPosts && oldest !== undefined) this.#known.delete(oldest);
    for (const listener of this.#listeners) listener();
    return true;
  }
}

function isOld(known: Heard, heard: Heard): boolean {
  if (known.isDeleted === true) return true;
  return heard.isDeleted !== true && (heard.mark === undefined || known.mark !== undefined);
}

function ownPostIn(body: unknown, self: OwnPostsPorts["self"]): Heard | undefined {
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

/** A file that we gave to somebody is no post of a reply. */
export function isFile({ files }: { readonly files?: readonly unknown[] | null | undefined }): boolean {
  return (files ?? []).length > 0;
}

export function isOwn(
  {
    user,
    bot_id: botId,
  }: { readonly user?: string | null | undefined; readonly bot_id?: string | null | undefined },
  self: Pick<Self, "botUserId" | "botId">,
): boolean {
  return user === self.botUserId || (botId != null && botId !== "" && botId === self.botId);
}
