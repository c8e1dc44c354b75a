import { z } from "zod";

import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Post } from "../../../domain/post.ts";
import type { Clock } from "../../../ports/clock.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { PostForms } from "./post-forms.ts";
import type { OwnPosts } from "./own-posts.ts";
import type { PostLookup } from "./find-post.ts";
import { placeOfPost, postIdOf } from "../wire/post-id.ts";
import { targetOf } from "../wire/reply-target.ts";
import type { BotIdentity } from "../api/bot-identity.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { SlackRatePlan } from "./rate-plan.ts";
import { isEditClosed } from "../api/slack-errors.ts";
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
  readonly clock: Clock;
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

  constructor({ api, ownPosts, postLookup, ratePlan, channelIds, self, clock }: SlackPostsPorts) {
    this.#api = api;
    this.#installation = self.teamId;
    this.#ids = channelIds;
    this.#ownPosts = ownPosts;
    this.#postLookup = postLookup;
    this.#ratePlan = ratePlan;
    this.#forms = new PostForms(clock);
  }

  readonly create = async (to: ReplyAddress, post: Post, signal: AbortSignal): Promise<PostId> => {
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
    const { ts } = await this.#postLookup.watch(post, () =>
      this.#ratePlan.create(channel, post, call, signal),
    );
    const mark = { turn: post.turn, part: post.part };
    this.#ownPosts.publishSoon({ channel, threadTs: threadTs ?? ts, ts, mark });
    return postIdOf(this.#installation, channel, ts);
  };

  readonly edit = async (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal): Promise<void> => {
    const { channel, ts } = placeOfPost(id, to);
    // By default chat.update would turn plain words into links and channel names.
    const plainWords = { parse: "none", link_names: false };
    const call = () =>
      this.#sendRendered(post, (form) =>
        this.#api.call(
          (client) => client.apiCall("chat.update", { channel, ts, ...form, ...plainWords }),
          signal,
        ),
      );
    try {
      await this.#ratePlan.edit(post, call, signal);
    } catch (error) {
      // A growing post stays as it is; the final version is posted as a new message.
      if (!isEditClosed(error) || (post.state === "writing" && post.isLine !== true)) throw error;
      await this.delete(to, id, signal).catch(() => undefined);
      throw new PlatformError("gone", "the workspace no longer allows edits of the post", { cause: error });
    }
  };

  readonly delete = async (to: ReplyAddress, id: PostId, signal: AbortSignal): Promise<void> => {
    const { channel, ts, threadTs } = placeOfPost(id, to);
    // Retracting many posts resumes here after a rate limit.
    if (this.#deleted.has(`${channel}/${ts}`)) return;
    try {
      await this.#api.call((client) => client.chat.delete({ channel, ts }), signal);
    } catch (error) {
      if (!(error instanceof PlatformError && error.kind === "gone")) throw error;
    }
    this.#deleted.set(`${channel}/${ts}`, true);
    this.#ownPosts.publish({ channel, threadTs, ts, isDeleted: true });
  };

  async #sendRendered<T>(post: Post, send: (form: object) => Promise<T>): Promise<T> {
    const text = post.text === "" ? placeholder : this.#ids.updateLinks(post.text);
    return this.#forms.send({ ...post, text }, send);
  }
}
