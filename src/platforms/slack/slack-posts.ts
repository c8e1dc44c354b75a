import type { types } from "@slack/bolt";
import { z } from "zod";

import type { CommandDefinition } from "../../domain/command.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { PostId } from "../../domain/turn.ts";
import { PlatformError, type Post } from "../../ports/platform.ts";
import { menuBlock } from "./menu.ts";
import { findPart, metadataOf, repliesPage } from "./post-metadata.ts";
import { contentOf } from "./private-line.ts";
import { targetOf } from "./reply-target.ts";
import type { SlackApi } from "./slack-api.ts";

const posted = z.object({ ts: z.string() });
/** Our clock and Slack's may differ. */
const clockSkewMs = 5_000;
const mostPages = 5;
const pageSize = { internal: 200, limited: 15 } as const;

/** The posts of replies: created, edited, deleted, found again. A PostId is Slack's `ts`. */
export class SlackPosts {
  readonly #api: SlackApi;
  readonly #menu: types.ActionsBlock | undefined;
  readonly #history: keyof typeof pageSize;

  constructor(api: SlackApi, commands: readonly CommandDefinition[], history: keyof typeof pageSize) {
    this.#api = api;
    this.#menu = menuBlock(commands);
    this.#history = history;
  }

  readonly create = async (to: ReplyAddress, post: Post, signal: AbortSignal): Promise<PostId> => {
    const { channel, threadTs } = targetOf(to);
    const quiet = { unfurl_links: false, unfurl_media: false };
    const content = { channel, thread_ts: threadTs, ...this.#render(post), ...quiet };
    const { ts } = await this.#api.call(
      async (client) => posted.parse(await client.apiCall("chat.postMessage", content)),
      signal,
    );
    return ts;
  };

  readonly edit = async (to: ReplyAddress, ts: PostId, post: Post, signal: AbortSignal): Promise<void> => {
    const { channel } = targetOf(to);
    await this.#api.call(
      // The default of `parse` would make links and channels of plain words here.
      (client) =>
        client.apiCall("chat.update", {
          channel,
          ts,
          ...this.#render(post),
          parse: "none",
          link_names: false,
        }),
      signal,
    );
  };

  readonly delete = async (to: ReplyAddress, ts: PostId, signal: AbortSignal): Promise<void> => {
    const { channel } = targetOf(to);
    try {
      await this.#api.call((client) => client.chat.delete({ channel, ts }), signal);
    } catch (error) {
      if (!(error instanceof PlatformError && error.kind === "gone")) throw error;
    }
  };

  readonly find = async (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<PostId | undefined> => {
    try {
      return findPart(await this.#replies(to, sinceMs, signal), post);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // Who may not read the thread can't look there: at worst a placeholder doubles.
      if (error.kind === "unreachable" || error.kind === "rate-limited") throw error;
      return undefined;
    }
  };

  #render(post: Post) {
    const { text, blocks } = contentOf(post.text);
    const isLast = post.state === "done" && this.#menu !== undefined;
    return {
      text,
      blocks: isLast && this.#menu !== undefined ? [...blocks, this.#menu] : blocks,
      metadata: metadataOf(post),
    };
  }

  async #replies(to: ReplyAddress, sinceMs: number, signal: AbortSignal) {
    const { channel, threadTs } = targetOf(to);
    const oldest = String((sinceMs - clockSkewMs) / 1_000);
    const limit = pageSize[this.#history];
    const messages = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const request = { channel, ts: threadTs, oldest, limit, include_all_metadata: true };
      const args = cursor === undefined ? request : { ...request, cursor };
      const reply = await this.#api.call(
        async (client) => repliesPage.parse(await client.conversations.replies(args)),
        signal,
      );
      messages.push(...reply.messages);
      cursor = reply.response_metadata?.next_cursor ?? "";
      // With the limited history the next page would be a minute away.
      if (cursor === "" || this.#history === "limited") break;
    }
    return messages;
  }
}
