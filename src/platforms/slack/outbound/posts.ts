import { z } from "zod";

import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Post } from "../../../domain/post.ts";
import type { PlatformPosts } from "../../../ports/platform-posts.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import type { PostForms } from "./post-forms.ts";
import type { OwnPosts } from "./own-posts.ts";
import type { PostLookup } from "./find-post.ts";
import { placeOfPost, postIdOf } from "../wire/post-id.ts";
import { targetOf } from "../wire/reply-target.ts";
import type { BotIdentity } from "../api/bot-identity.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { SlackRatePlan } from "./rate-plan.ts";
import type { StreamPlace } from "./stream-methods.ts";
import type { Streams } from "./streams.ts";
import { isEditClosed, slackCodeIn } from "../api/slack-errors.ts";
import type { PostId } from "../../../domain/message.ts";

/** Stands in a post that has no text yet. */
const placeholder = "_Thinking…_";

const posted = z.object({ ts: z.string() });

interface SlackPostsPorts {
  readonly api: SlackApi;
  readonly ownPosts: OwnPosts;
  readonly postLookup: PostLookup;
  readonly ratePlan: SlackRatePlan;
  readonly self: Pick<BotIdentity, "teamId">;
  readonly channelIds: Pick<ChannelIds, "updateLinks">;
  readonly forms: PostForms;
  readonly streams: Streams;
}

/** Creates, edits and deletes the posts of replies. */
export class SlackPosts {
  readonly #api: SlackApi;
  readonly #installation: string;
  readonly #ids: Pick<ChannelIds, "updateLinks">;
  readonly #ownPosts: OwnPosts;
  readonly #postLookup: PostLookup;
  readonly #ratePlan: SlackRatePlan;
  readonly #deleted = growingCache<true>(10_000);
  readonly #forms: PostForms;
  readonly #streams: Streams;

  constructor(ports: SlackPostsPorts) {
    const { api, ownPosts, postLookup, ratePlan, channelIds, self, forms, streams } = ports;
    this.#api = api;
    this.#installation = self.teamId;
    this.#ids = channelIds;
    this.#ownPosts = ownPosts;
    this.#postLookup = postLookup;
    this.#ratePlan = ratePlan;
    this.#forms = forms;
    this.#streams = streams;
  }

  readonly whenWritable: PlatformPosts["whenWritable"] = async (to, write, signal) => {
    if (!(await this.#streams.whenWritable(to, write, signal)))
      await this.#ratePlan.whenWritable(to, write, signal);
  };

  readonly create = async (to: ReplyAddress, post: Post, signal: AbortSignal): Promise<PostId> => {
    const { channel, threadTs } = targetOf(to);
    const { ts } = await this.#postLookup.watch(post, async () =>
      this.#streams.takes(post) ? this.#begin(to, post, signal) : this.#post(to, post, signal),
    );
    const mark = { turn: post.turn, part: post.part };
    this.#ownPosts.publishSoon({ channel, threadTs: threadTs ?? ts, ts, mark });
    return postIdOf(this.#installation, channel, ts);
  };

  /** As a stream, else as an ordinary post. */
  async #begin(to: ReplyAddress, post: Post, signal: AbortSignal): Promise<z.infer<typeof posted>> {
    const text = this.#ids.updateLinks(post.text);
    const begun = await this.#streams.begin(to, { ...post, text }, signal);
    if (begun !== undefined) return begun;
    const { turn, part } = post;
    await this.#ratePlan.whenWritable(to, { turn, part, kind: "first" }, signal, this.#streams.unbegun(post));
    return this.#post(to, post, signal);
  }

  async #post(to: ReplyAddress, post: Post, signal: AbortSignal): Promise<z.infer<typeof posted>> {
    const { channel, threadTs } = targetOf(to);
    const noPreviews = { unfurl_links: false, unfurl_media: false };
    const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
    const call = (): Promise<z.infer<typeof posted>> =>
      this.#sendRendered(post, (form) =>
        this.#api.call(
          async (client) =>
            posted.parse(
              await client.apiCall("chat.postMessage", { channel, ...thread, ...form, ...noPreviews }),
            ),
          signal,
        ),
      );
    return this.#ratePlan.create(channel, post, call, signal);
  }

  readonly edit = async (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal): Promise<void> => {
    const { channel, ts } = placeOfPost(id, to);
    const place = { channel, ts };
    const text = this.#ids.updateLinks(post.text);
    const streamed = await this.#streams.edit(place, { ...post, text }, signal);
    if (streamed === "shown") return;
    // Until now it was planned as a stream.
    if (streamed === "ended") await this.#ratePlan.whenUpdatable(post, signal);
    await this.#update(place, post, signal).catch(async (error: unknown) => {
      if (slackCodeIn(error) !== "streaming_state_conflict")
        return this.#throwEdit(to, { id, post, error }, signal);
      await this.#streams.stopLeft(to, place, post, signal);
      await this.#ratePlan.whenUpdatable(post, signal);
      await this.#update(place, post, signal);
    });
  };

  async #update(place: StreamPlace, post: Post, signal: AbortSignal): Promise<void> {
    // By default chat.update would turn plain words into links and channel names.
    const plainWords = { parse: "none", link_names: false };
    const call = () =>
      this.#sendRendered(post, (form) =>
        this.#api.call(
          (client) => client.apiCall("chat.update", { ...place, ...form, ...plainWords }),
          signal,
        ),
      );
    await this.#ratePlan.edit(post, call, signal);
  }

  /** @throws the error, or `gone` if the post has to be posted again. */
  async #throwEdit(
    to: ReplyAddress,
    { id, post, error }: { readonly id: PostId; readonly post: Post; readonly error: unknown },
    signal: AbortSignal,
  ): Promise<never> {
    // A growing post stays as it is; the final version is posted as a new message.
    if (!isEditClosed(error) || (post.state === "writing" && post.isLine !== true)) throw error;
    await this.delete(to, id, signal).catch(() => undefined);
    throw new PlatformError("gone", "the workspace no longer allows edits of the post", { cause: error });
  }

  readonly delete = async (to: ReplyAddress, id: PostId, signal: AbortSignal): Promise<void> => {
    const { channel, ts, threadTs } = placeOfPost(id, to);
    // Retracting many posts resumes here after a rate limit.
    if (this.#deleted.has(`${channel}/${ts}`)) return;
    try {
      await this.#streams.stop({ channel, ts }, signal);
      await this.#deleteStopped(to, { channel, ts }, signal);
    } catch (error) {
      if (!(error instanceof PlatformError && error.kind === "gone")) throw error;
    }
    this.#deleted.set(`${channel}/${ts}`, true);
    this.#ownPosts.publish({ channel, threadTs, ts, isDeleted: true });
  };

  /** Slack deletes no message that it streams. */
  async #deleteStopped(to: ReplyAddress, place: StreamPlace, signal: AbortSignal): Promise<void> {
    const call = () => this.#api.call((client) => client.chat.delete(place), signal);
    await call().catch(async (error: unknown) => {
      if (slackCodeIn(error) !== "cant_delete_message") throw error;
      const isStopped = await this.#streams.stopUnknown(to, place, signal);
      if (!isStopped) throw error;
      await call();
    });
  }

  async #sendRendered<T>(post: Post, send: (form: object) => Promise<T>): Promise<T> {
    const text = post.text === "" ? placeholder : this.#ids.updateLinks(post.text);
    return this.#forms.send({ ...post, text }, send);
  }
}
