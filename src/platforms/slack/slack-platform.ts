import type { Health, Component } from "../../ports/component.ts";
import type { Platform, PostLimits } from "../../ports/platform.ts";
import type { MissedMessages } from "./history/missed-messages.ts";
import type { ChannelIds } from "./api/channel-ids.ts";
import type { Backfiller } from "./history/backfill.ts";
import type { FileSender } from "./outbound/send-files.ts";
import type { ClockSkew } from "./connection/clock-skew.ts";
import type { Ingress } from "./inbound/ingress.ts";
import type { OwnPosts } from "./outbound/own-posts.ts";
import { permalinkOfPost } from "./wire/permalink.ts";
import type { Permissions } from "./access/permissions.ts";
import type { PostLookup } from "./outbound/find-post.ts";
import type { PrivateReplies } from "./outbound/private-replies.ts";
import type { SlackReadership } from "./access/readable-places.ts";
import type { SlackApi } from "./api/slack-api.ts";
import type { SlackFacts } from "./wire/keys.ts";
import type { SlackPosts } from "./outbound/posts.ts";
import type { SocketReceiver } from "./connection/socket-receiver.ts";
import type { BotIdentity } from "./api/bot-identity.ts";
import { WorkingStatus } from "./outbound/working-status.ts";

/** The parts of the platform; open-slack.ts wires them. */
export interface SlackParts {
  readonly api: SlackApi;
  readonly channelIds: ChannelIds;
  readonly self: Pick<SlackFacts, "isOurs" | "workspaceUrl" | "currentId"> & Pick<BotIdentity, "name">;
  readonly ingress: Ingress;
  readonly ownPosts: OwnPosts;
  readonly postLookup: PostLookup;
  readonly privateReplies: PrivateReplies;
  readonly posts: SlackPosts;
  readonly missedMessages: MissedMessages;
  readonly backfiller: Backfiller;
  readonly readable: SlackReadership;
  readonly permissions: Permissions;
  readonly files: FileSender;
  /** Missing when events arrive over HTTP. */
  readonly socket?: SocketReceiver;
  /** Always empty in Socket Mode, which has no signatures. */
  readonly clockSkew: ClockSkew;
}

/** The Platform port for Slack. Each member is a method of one of the parts. */
export class SlackPlatform implements Platform, Component {
  readonly name = "slack";
  /**
   * A markdown block holds 12,000 characters (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and making
   * a text safe lengthens it. Slack allows 50 edits a minute.
   */
  readonly limits: PostLimits = { postChars: 8_000, writeIntervalMs: 1_200, placeholder: "_Thinking…_" };
  readonly botName: string | undefined;
  readonly createPost: Platform["createPost"];
  readonly editPost: Platform["editPost"];
  readonly deletePost: Platform["deletePost"];
  readonly findPost: Platform["findPost"];
  readonly permalinkOf: NonNullable<Platform["permalinkOf"]>;
  readonly sendPrivately: Platform["sendPrivately"];
  readonly notifyUnanswered: NonNullable<Platform["notifyUnanswered"]>;
  readonly fetchMissed: NonNullable<Platform["fetchMissed"]>;
  readonly fetchHistory: NonNullable<Platform["fetchHistory"]>;
  readonly readable: NonNullable<Platform["readable"]>;
  readonly hasRight: NonNullable<Platform["hasRight"]>;
  readonly sendFilesPrivately: NonNullable<Platform["sendFilesPrivately"]>;
  readonly showWorking: NonNullable<Platform["showWorking"]>;
  readonly turnFinished: NonNullable<Platform["turnFinished"]>;
  readonly #parts: SlackParts;

  constructor(parts: SlackParts) {
    const { postLookup, posts, privateReplies, missedMessages, backfiller, readable, files } = parts;
    const status = new WorkingStatus(parts.api);
    this.#parts = parts;
    this.botName = parts.self.name;
    this.createPost = posts.create;
    this.editPost = posts.edit;
    this.deletePost = posts.delete;
    this.findPost = postLookup.find;
    this.permalinkOf = (conversation, post) => permalinkOfPost(conversation, post, parts.self);
    this.sendPrivately = (to, texts, signal, offer) => privateReplies.tell(to, texts, signal, offer);
    this.notifyUnanswered = (to, told, signal) => privateReplies.tellUnanswered(to, told, signal);
    this.fetchMissed = missedMessages.fetchMissed;
    this.fetchHistory = backfiller.read;
    this.readable = readable.of;
    this.hasRight = parts.permissions.may;
    this.sendFilesPrivately = files.send;
    this.showWorking = status.show;
    this.turnFinished = status.clear;
  }

  readonly health = (): Health => {
    const { api, socket } = this.#parts;
    if (api.refusal !== undefined) return { ok: false, why: `Slack refuses the bot token (${api.refusal})` };
    // Clock skew does not turn health red: anyone could replay an old request of Slack's to cause that.
    return socket?.health() ?? { ok: true, why: this.#parts.clockSkew.why };
  };

  /** Stops receiving, lets pending events be stored and acknowledged, then disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.ingress.close();
    await this.#parts.socket?.[Symbol.asyncDispose]();
    this.#parts.ownPosts[Symbol.dispose]();
    this.#parts.channelIds[Symbol.dispose]();
  }
}
