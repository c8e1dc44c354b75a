import type { types } from "@slack/bolt";
import { z } from "zod";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError, type Post } from "../../../ports/platform.ts";
import { RecentSet } from "../../../runtime/recent-set.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { contentOf, plainContentOf, type SlackContent } from "./content.ts";
import { menuBlock } from "./answer-menu.ts";
import type { OwnPosts } from "./own-posts.ts";
import type { PostLookup } from "./find-post.ts";
import { metadataOf } from "../wire/post-metadata.ts";
import { placeOfPost, postIdOf } from "../wire/post-id.ts";
import { targetOf } from "../wire/reply-target.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { SlackRatePlan } from "./rate-plan.ts";
import { isBlocksRefusal, isEditClosed } from "../api/slack-errors.ts";
import type { PostId } from "../../../domain/message.ts";

const posted = z.object({ ts: z.string() });
interface SlackPostsPorts {
  readonly api: SlackApi;
  readonly own: OwnPosts;
  readonly finder: PostLookup;
  readonly budget: SlackRatePlan;
  readonly channelIds: Pick<ChannelIds, "inText">;
  readonly commands: readonly CommandDefinition[];
}

/** The posts of replies: created, edited, deleted. */
export class SlackPosts {
  readonly #api: SlackApi;
  readonly #ids: Pick<ChannelIds, "inText">;
  readonly #menu: types.ActionsBlock | undefined;
  readonly #own: OwnPosts;
  readonly #finder: PostLookup;
  readonly #budget: SlackRatePlan;
  readonly #deleted = new RecentSet(10_000);
  /** Posts whose form Slack refused. */
  readonly #plain = new RecentSet(1_000);

  constructor({ api, own, finder, budget, channelIds, commands }: SlackPostsPorts) {
    this.#api = api;
    this.#ids = channelIds;
    this.#own = own;
    this.#finder = finder;
    this.#budget = budget;
    this.#menu = menuBlock(commands);
  }

  readonly create = async (to: ReplyAddress, post: Post, signal: AbortSignal): Promise<PostId> => {
    const { channel, threadTs } = targetOf(to);
    const quiet = { unfurl_links: false, unfurl_media: false };
    const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
    const call = (): Promise<z.infer<typeof posted>> =>
      this.#inForm(post, (form) =>
        this.#api.call(
          async (client) =>
            posted.parse(await client.apiCall("chat.postMessage", { channel, ...thread, ...form, ...quiet })),
          signal,
        ),
      );
    const { ts } = await this.#finder.watch(post, () => this.#budget.create(channel, post, call, signal));
    const mark = { turn: post.turn, part: post.part };
    this.#own.tell({ channel, threadTs: threadTs ?? ts, ts, mark });
    return postIdOf(channel, ts);
  };

  readonly edit = async (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal): Promise<void> => {
    const { channel, ts } = placeOfPost(id, to);
    // The default of `parse` would make links and channels of plain words here.
    const plainWords = { parse: "none", link_names: false };
    const call = () =>
      this.#inForm(post, (form) =>
        this.#api.call(
          (client) => client.apiCall("chat.update", { channel, ts, ...form, ...plainWords }),
          signal,
        ),
      );
    try {
      await this.#budget.edit(post, call, signal);
    } catch (error) {
      // Pieces can't be shown then; what is to stay is posted anew.
      if (!isEditClosed(error) || (post.state === "writing" && post.isLine !== true)) throw error;
      await this.delete(to, id, signal).catch(() => undefined);
      throw new PlatformError("gone", "Slack lets nobody edit the post any more", { cause: error });
    }
  };

  readonly delete = async (to: ReplyAddress, id: PostId, signal: AbortSignal): Promise<void> => {
    const { channel, ts, threadTs } = placeOfPost(id, to);
    // Who takes back many posts goes on where Slack's limit stopped it.
    if (this.#deleted.has(`${channel}/${ts}`)) return;
    try {
      await this.#api.call((client) => client.chat.delete({ channel, ts }), signal);
    } catch (error) {
      if (!(error instanceof PlatformError && error.kind === "gone")) throw error;
    }
    this.#deleted.add(`${channel}/${ts}`);
    this.#own.tell({ channel, threadTs, ts, isDeleted: true });
  };

  /** While a post grows, a form that was refused is not tried again with each new piece. */
  async #inForm<T>(post: Post, send: (form: object) => Promise<T>): Promise<T> {
    const id = `${post.turn}/${post.part}`;
    const metadata = metadataOf(post);
    const text = this.#ids.inText(post.text);
    if (post.state !== "writing" || !this.#plain.has(id)) {
      try {
        return await send({ ...this.#render(text, post.state), metadata });
      } catch (error) {
        if (!isBlocksRefusal(error)) throw error;
        this.#plain.add(id);
      }
    }
    return send({ ...plainContentOf(text), metadata });
  }

  #render(markdown: string, state: Post["state"]): SlackContent {
    const { text, blocks } = contentOf(markdown);
    const isLast = state === "done" && this.#menu !== undefined;
    return { text, blocks: isLast && this.#menu !== undefined ? [...blocks, this.#menu] : blocks };
  }
}
